import { expect, it } from "vitest";
import { readFromAirflow, readRecorded } from "./read-from-airflow.ts";

it.each([2, 3] as const)("the recorded ticks are those of Airflow %i", async (generation) => {
  expect(await readFromAirflow(generation)).toEqual(await readRecorded());
});
