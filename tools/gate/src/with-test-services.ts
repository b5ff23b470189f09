import { ensurePostgres, type RunningAirflow, startAirflow } from "@airfleet/tools-engines";

/** What the engines' tests need in their environment, or why there are none. */
export type EnginesReady =
  | { readonly ok: true; readonly env: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly reason: string };

export interface TestServices {
  /** Resolves when one Airflow 2 and one Airflow 3 are up. */
  enginesReady(): Promise<EnginesReady>;
}

const progress = (line: string): void => void process.stdout.write(`     engines: ${line}\n`);

const startPair = async (): Promise<readonly RunningAirflow[]> => {
  // One after the other: on two cores two starts at once take as long and time out more easily.
  const two = await startAirflow({ generation: 2, progress });
  return [two, await startAirflow({ generation: 3, progress })];
};

/**
 * Gives the tests a PostgreSQL (`DATABASE_URL`) and, when asked, real engines that all suites share: their addresses are
 * in `AIRFLEET_ENGINES`, a JSON list of ids. Everything started here is stopped here.
 */
export const withTestServices = async (
  wanted: { readonly engines: boolean },
  work: (services: TestServices) => Promise<number>,
): Promise<number> => {
  await using postgres = await ensurePostgres();
  process.env["DATABASE_URL"] = postgres.url;
  const pair = wanted.engines ? startPair() : Promise.resolve([]);
  const ready: Promise<EnginesReady> = pair.then(
    (engines) => ({
      ok: true,
      env: { AIRFLEET_ENGINES: JSON.stringify(engines.map(({ id, generation }) => ({ id, generation }))) },
    }),
    (error: unknown) => ({ ok: false, reason: error instanceof Error ? error.message : String(error) }),
  );
  try {
    return await work({ enginesReady: () => ready });
  } finally {
    const engines = await pair.catch(() => []);
    await Promise.all(engines.map((engine) => engine.stop()));
  }
};
