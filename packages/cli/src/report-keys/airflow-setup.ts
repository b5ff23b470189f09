import type { ReportAlgorithm } from "./make-report-key.ts";

/** Formats in which the package `airfleet` for Airflow, or its predecessors, report. */
export const SENDER_FORMATS = ["native", "g1", "g0"] as const;
export type SenderFormat = (typeof SENDER_FORMATS)[number];

/** Ways to tell Airflow. */
export const SETUP_STYLES = ["env", "variables", "helm"] as const;
export type SetupStyle = (typeof SETUP_STYLES)[number];

/** What the sender has to know. */
export interface SenderTerms {
  readonly instance: string;
  readonly server: URL;
  readonly format: SenderFormat;
  readonly algorithm: ReportAlgorithm;
  readonly keyId: string;
  /** Absolute path on this machine. */
  readonly keyFile: string;
}

/** Where `helm` puts the key within Airflow's containers. */
const MOUNT = "/opt/airflow/airfleet";
const SECRET_NAME = "airfleet-report";

/** As a shell takes it, whatever is in it. */
const quote = (text: string): string =>
  /^[A-Za-z0-9_./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;

const prefixOf = (server: URL): string => server.pathname.replace(/\/+$/, "");

/** Path under which the older formats are taken, without a slash in front. */
const endpointOf = ({ server, instance }: SenderTerms): string =>
  `${prefixOf(server)}/reports/${encodeURIComponent(instance)}/satellite/v1/`.replace(/^\//, "");

/** Where a sender posts: the server itself, or for older formats the path before `status`, `progress` and `results`. */
const urlOf = (terms: SenderTerms): string => {
  const { server, format } = terms;
  return format === "native"
    ? `${server.origin}${prefixOf(server)}`
    : `${server.origin}/${endpointOf(terms).replace(/\/$/, "")}`;
};

/** The environment of every Airflow process. */
export const senderEnvironment = (terms: SenderTerms, keyFile = terms.keyFile): Readonly<Record<string, string>> => ({
  AIRFLEET_URL: urlOf(terms),
  AIRFLEET_INSTANCE: terms.instance,
  AIRFLEET_REPORT_KEY_FILE: keyFile,
  AIRFLEET_REPORT_KEY_ID: terms.keyId,
  AIRFLEET_REPORT_ALGORITHM: terms.algorithm,
  ...(terms.format !== "native" && { AIRFLEET_REPORT_FORMAT: terms.format }),
});

const INSTALL = `pip install "airfleet[airflow]"`;

const byEnvironment = (terms: SenderTerms): readonly string[] => [
  "# 1. Where Airflow runs: scheduler, DAG processor, webserver or API server, and every worker",
  INSTALL,
  "",
  "# 2. Their environment; copy the key file when they run elsewhere. Then restart them.",
  ...Object.entries(senderEnvironment(terms)).map(([name, value]) => `export ${name}=${quote(value)}`),
];

const extraOf = (terms: SenderTerms): Readonly<Record<string, string>> =>
  terms.format === "native" ? { instance: terms.instance, key_id: terms.keyId } : { endpoint: endpointOf(terms) };

/** A connection has no field for a path before the API's own: the older formats have their endpoint, else it is the host's. */
const connectionAddress = (terms: SenderTerms): string => {
  const { server, format } = terms;
  if (format === "native" && prefixOf(server) !== "") return `--conn-host ${quote(urlOf(terms))}`;
  const scheme = server.protocol.replace(":", "");
  const port = server.port === "" ? (scheme === "https" ? "443" : "80") : server.port;
  return `--conn-schema ${scheme} --conn-host ${quote(server.hostname)} --conn-port ${port}`;
};

const byVariables = (terms: SenderTerms): readonly string[] => {
  const { format, keyFile, algorithm } = terms;
  return [
    "# 1. Where Airflow runs: scheduler, DAG processor, webserver or API server, and every worker.",
    "#    An Airflow 1.10 with cwl-airflow-parser or cwl-airflow needs nothing new.",
    INSTALL,
    "",
    "# 2. The connection and the variables, under the names that cwl-airflow has for them",
    `airflow connections add process_report --conn-type http ${connectionAddress(terms)} \\`,
    `  --conn-extra ${quote(JSON.stringify(extraOf(terms)))}`,
    `airflow variables set process_report_private_key "$(cat ${quote(keyFile)})"`,
    `airflow variables set process_report_algorithm ${algorithm}`,
    ...(format === "g0" ? [`airflow variables set process_report_crypt_algorithm ${algorithm}`] : []),
    "",
    "# 3. Their environment, then restart them",
    `export AIRFLEET_REPORT_FORMAT=${format}`,
  ];
};

const byHelm = (terms: SenderTerms): readonly string[] => [
  "# 1. Into the image of Airflow",
  INSTALL,
  "",
  "# 2. The key",
  `kubectl create secret generic ${SECRET_NAME} --from-file=report.pem=${quote(terms.keyFile)}`,
  "",
  "# 3. values.yaml of Airflow's official chart",
  "env:",
  ...Object.entries(senderEnvironment(terms, `${MOUNT}/report.pem`)).map(
    ([name, value]) => `  - {name: ${name}, value: ${JSON.stringify(value)}}`,
  ),
  "volumes:",
  `  - {name: ${SECRET_NAME}, secret: {secretName: ${SECRET_NAME}, defaultMode: 0440}}`,
  "volumeMounts:",
  `  - {name: ${SECRET_NAME}, mountPath: ${MOUNT}, readOnly: true}`,
];

const STYLES = { env: byEnvironment, variables: byVariables, helm: byHelm } as const;

/** What to do on Airflow's side so that it reports, as a script to read and run. */
export const describeSetup = (style: SetupStyle, terms: SenderTerms): string =>
  [
    ...STYLES[style](terms),
    "",
    "# Try it: look on, and start any run there in another terminal",
    `airfleet reports watch ${terms.instance}`,
    "",
  ].join("\n");
