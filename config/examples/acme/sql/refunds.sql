SELECT 100.0 * count(*) FILTER (WHERE refunded) / nullif(count(*), 0)
FROM orders
WHERE placed >= :since AND placed < :until
