/** The two REST generations: 2 speaks `/api/v1`, 3 speaks `/api/v2`. */
export type Generation = 2 | 3;

/** An Airflow release. */
export interface AirflowVersion {
  /** As the server says it, e.g. `2.11.2` or `2.10.5+astro.1`. */
  readonly text: string;
  readonly generation: Generation;
  readonly minor: number;
  readonly patch: number;
}

/** Reads a version; null when it is no Airflow 2 or 3. */
export const parseAirflowVersion = (text: string): AirflowVersion | null => {
  const match = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  if (match === null) return null;
  const [major, minor, patch] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
  if (major === 2 || major === 3) return { text, generation: major, minor, patch };
  return null;
};

/** Whether a release of the same generation is at least this one. */
export const isAtLeast = (version: AirflowVersion, minor: number, patch = 0): boolean =>
  version.minor > minor || (version.minor === minor && version.patch >= patch);
