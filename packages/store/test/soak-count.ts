/** How often a fault is brought about: its full count with `make soak`, a tenth of it in every other run. */
export const soakCount = (full: number): number =>
  process.env["AIRFLEET_SOAK"] === "full" ? full : Math.ceil(full / 10);
