/** Epoch milliseconds. A process reads its own; leases on PostgreSQL are measured by the database's clock instead. */
export type Clock = () => number;
