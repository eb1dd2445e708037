"""The revisions, numbered in the order they run. One that was released is never edited."""
