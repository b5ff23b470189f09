import { readFileSync } from "node:fs";

/** The value below which a share of the samples lies; samples need no order. */
export const percentile = (samples: readonly number[], share: number): number => {
  const sorted = samples.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
};

export const median = (samples: readonly number[]): number => percentile(samples, 0.5);

/** CPU milliseconds (user and system) that a process has used, from Linux' /proc; a tick is 10 ms. */
export const cpuMs = (pid: number): number => {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * 10;
};

const statusMb = (pid: number, field: string): number => {
  const line = readFileSync(`/proc/${pid}/status`, "utf8")
    .split("\n")
    .find((row) => row.startsWith(`${field}:`));
  return Number(line?.split(/\s+/)[1] ?? Number.NaN) / 1_024;
};

/** Resident memory of a process now, in MiB. */
export const rssMb = (pid: number): number => statusMb(pid, "VmRSS");
/** The largest it has been, in MiB. */
export const peakRssMb = (pid: number): number => statusMb(pid, "VmHWM");

/** One minute's load average: a figure taken at more than 3 on two cores says little. */
export const loadAverage = (): number => Number(readFileSync("/proc/loadavg", "utf8").split(" ")[0]);

export const round = (value: number, digits = 1): number => Number(value.toFixed(digits));
