import { z } from "zod";
import { DeployConfig } from "../deployments/deploy-config.ts";
import { INSTANCE_ID_PATTERN, type InstanceId } from "../ids.ts";
import { SIGNATURE_ALGORITHMS } from "../inbox/report-source.ts";
import { SecretReference } from "./secret-reference.ts";

/** The kinds of software an instance runs. */
export const ENGINE_KINDS = ["airflow", "dagster", "embedded"] as const;
export type EngineKind = (typeof ENGINE_KINDS)[number];

/** How much care acting on an instance needs. */
export const TIERS = ["production", "staging", "development"] as const;
export type Tier = (typeof TIERS)[number];

/** How we prove who we are to an instance. Every secret may be a reference to the environment or to a file. */
export const InstanceAuth = z.discriminatedUnion("type", [
  /** User and password on every request: Airflow 2's basic_auth. On Airflow 3 it becomes a login. */
  z.strictObject({ type: z.literal("basic"), username: SecretReference, password: SecretReference }),
  /** A fixed token: Astronomer, or a proxy in front. */
  z.strictObject({ type: z.literal("bearer"), token: SecretReference }),
  /** Airflow 3's POST /auth/token; the token is renewed when it expires or is refused. */
  z.strictObject({
    type: z.literal("login"),
    username: SecretReference,
    password: SecretReference,
    path: z.string().startsWith("/").default("/auth/token"),
  }),
  /** A command that prints a token, run without a shell: Composer, Azure. */
  z.strictObject({
    type: z.literal("exec"),
    command: z.array(z.string().min(1)).min(1),
    /** Seconds that a printed token is used before the command runs again. */
    cache_seconds: z.number().int().min(1).max(86_400).default(600),
    env: z.record(z.string(), SecretReference).default({}),
  }),
  /** Amazon MWAA's InvokeRestApi, signed with the AWS credentials of this process or these. */
  z.strictObject({
    type: z.literal("mwaa"),
    environment: z.string().min(1),
    region: z.string().min(1),
    access_key_id: SecretReference.optional(),
    secret_access_key: SecretReference.optional(),
    session_token: SecretReference.optional(),
    /** Another endpoint than Amazon's own, for private links and tests. */
    endpoint: z.url().optional(),
  }),
  /** Airflow 2 with `airfleet.airflow.auth_backend`: each request carries a token that is good for it alone, for a minute. */
  z.strictObject({
    type: z.literal("jwt"),
    /** What requests are signed with: a private key in PEM, or for HS256 and HS512 a secret in base64url. */
    key: SecretReference,
    algorithm: z.enum(SIGNATURE_ALGORITHMS),
    /** Names the key where Airflow knows several. */
    key_id: z
      .string()
      .regex(/^[A-Za-z0-9_.-]{1,100}$/, 'letters, digits, "_", "." and "-", at most 100')
      .optional(),
    /** Whom the tokens are for, as Airflow is told by AIRFLEET_CALLER_AUDIENCE. The instance's id when absent. */
    audience: z.string().min(1).max(200).optional(),
    /** One of the users that Airflow is told by AIRFLEET_CALLER_USER; its first when absent. */
    user: z.string().min(1).max(256).optional(),
  }),
  z.strictObject({ type: z.literal("none") }),
]);
export type InstanceAuth = z.infer<typeof InstanceAuth>;

/** How TLS to an instance is checked. Paths are PEM files, or the PEM text itself. */
export const InstanceTls = z.strictObject({
  ca: z.string().optional(),
  cert: z.string().optional(),
  key: SecretReference.optional(),
  /** Accept any certificate. Logged at start and shown wherever the instance is. */
  insecure: z.boolean().default(false),
});
export type InstanceTls = z.infer<typeof InstanceTls>;

/** What we allow ourselves against one instance; what is absent is chosen by generation. */
export const InstanceLimits = z.strictObject({
  /** Calls in flight. Default: 4 on Airflow 2 with basic auth (each costs it ~80 ms of CPU), 8 elsewhere. */
  concurrency: z.number().int().min(1).max(64).optional(),
  /** Calls that may wait for a place before we answer INSTANCE_BUSY. */
  queue: z.number().int().min(0).max(1_000).default(64),
  /** Total time of one operation with its retries, in milliseconds. */
  timeout_ms: z.number().int().min(100).max(300_000).default(30_000),
  /** Largest answer that is read, in bytes; logs are streamed and do not count. */
  answer_bytes: z.number().int().min(1_024).max(268_435_456).default(33_554_432),
  /** Seconds between two sweeps over the DAG list; adapted upwards when the instance is slow. */
  sweep_seconds: z.number().int().min(1).max(86_400).optional(),
  /** Longest wait, in seconds, for a sign that the processes of a stopped run are gone: twice Airflow's 60 s for a kill. */
  stop_seconds: z.number().int().min(1).max(86_400).default(120),
  /** Silence, in seconds, after which a stopped process is presumed gone. Default: 30 on Airflow 2, 10 on Airflow 3. */
  presume_gone_seconds: z.number().int().min(1).max(86_400).optional(),
});
export type InstanceLimits = z.infer<typeof InstanceLimits>;

/** An embedded engine is on this machine: nobody calls it by an address. */
const hasAddress = (config: { readonly engine?: EngineKind; readonly url?: string }): boolean =>
  config.engine === "embedded" || config.url !== "";

const isHttpUrl = z.url({ protocol: /^https?$/ });

/** Base URL of the web server, without /api/v1 or /api/v2; empty for an embedded engine alone. */
const BaseUrl = z
  .string()
  .check((context) => {
    const { value } = context;
    if (value === "" || isHttpUrl.safeParse(value).success) return;
    context.issues.push({ code: "invalid_format", format: "url", input: value, message: "Invalid URL" });
  })
  .meta({ format: "uri" })
  .default("");

/** One deployment as people configure it: in `airfleet.yaml`, through the API, or translated from `clients.json`. */
export const InstanceConfig = z
  .strictObject({
    id: z
      .string()
      .regex(INSTANCE_ID_PATTERN, 'letters, digits, "_", "." and "-", starting with a letter or digit, at most 64')
      .transform((value) => value as InstanceId),
    /** What people call it; the id when absent. */
    name: z.string().min(1).max(200).optional(),
    description: z.string().max(2_000).optional(),
    engine: z.enum(ENGINE_KINDS).default("airflow"),
    url: BaseUrl,
    enabled: z.boolean().default(true),
    tier: z.enum(TIERS).default("development"),
    labels: z.record(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$/), z.string().max(200)).default({}),
    auth: InstanceAuth.default({ type: "none" }),
    /** Sent with every request, for gateways in front. */
    headers: z.record(z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/), SecretReference).default({}),
    tls: InstanceTls.prefault({}),
    limits: InstanceLimits.prefault({}),
    /** Where its files are read from; without it nothing can be deployed to an Airflow. */
    deploy: DeployConfig.optional(),
  })
  .refine(hasAddress, {
    path: ["url"],
    message: "give the base URL of its web server; only an embedded engine has none",
    // Told beside everything else that is wrong.
    when: ({ value }) => typeof value === "object" && value !== null,
  });
export type InstanceConfig = z.infer<typeof InstanceConfig>;
/** The same before defaults are filled in. */
export type InstanceConfigInput = z.input<typeof InstanceConfig>;
