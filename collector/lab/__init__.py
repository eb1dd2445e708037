"""The live lab shows krd on true measurements: a shop with robots, a warehouse, a real Prometheus and a line to cut.

Every part listens on 127.0.0.1 only, starts and stops on its own, and leaves nothing behind when stopped. Parts know
neither krd nor each other's insides; the story plays them.
"""
