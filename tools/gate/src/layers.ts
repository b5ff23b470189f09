/**
 * Which package may import which: the picture of the architecture as data. `package.json`, `tsc -b` references and the
 * lint rules repeat it in their own languages; a test holds the four equal.
 */
export const LAYERS = {
  model: [],
  contract: ["model"],
  engine: ["model"],
  http: ["model", "engine"],
  compiler: ["model"],
  airflow: ["model", "engine", "http"],
  dagster: ["model", "engine", "http"],
  embedded: ["model", "engine"],
  deploy: ["model"],
  store: ["model"],
  control: ["model", "engine", "compiler", "deploy", "store"],
  sdk: ["contract"],
  web: ["model", "sdk"],
  server: ["model", "contract", "engine", "airflow", "dagster", "embedded", "deploy", "store", "control", "web"],
  cli: ["sdk", "server"],
  simulator: ["model"],
} as const satisfies Record<string, readonly string[]>;

export type PackageName = keyof typeof LAYERS;

/** Packages that must run in a browser and in a test without a disk: nothing of Node may be imported. */
export const PURE_PACKAGES: readonly PackageName[] = ["model", "contract"];
