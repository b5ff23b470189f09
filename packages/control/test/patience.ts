import { vi } from "vitest";

/** For files whose properties run a hundred times, or that wait for what really happens: machines do much else. */
export const bePatient = (): void => {
  vi.setConfig({ testTimeout: 60_000 });
};
