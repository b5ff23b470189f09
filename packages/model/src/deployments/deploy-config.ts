import { z } from "zod";
import { SecretReference } from "../instance/secret-reference.ts";

/** A folder's name within a target, relative and without ways out of it. */
const SubPath = z
  .string()
  .max(500)
  .regex(
    /^(?!\.{1,2}(\/|$))[A-Za-z0-9_.-]+(\/(?!\.{1,2}(\/|$))[A-Za-z0-9_.-]+)*$/,
    'names of letters, digits, "_", "." and "-" with "/" between; neither "." nor ".."',
  );

const common = {
  /** Where people edit a pipeline, as a link at the top of its file: `{pipeline}` stands for its id. */
  edit_url: z
    .url({ protocol: /^https?$/ })
    .max(1_000)
    .optional(),
  /** Seconds between two looks of this engine for new files, where somebody knows it; said to those who wait. */
  scan_seconds: z.number().int().min(1).max(86_400).optional(),
};

/** Where an instance reads its files from, and so where pipelines are deployed to. */
export const DeployConfig = z.discriminatedUnion("type", [
  /** A folder of this machine: the engine's own, or one that is mounted or synchronized. */
  z.strictObject({
    type: z.literal("folder"),
    path: z.string().min(1).max(4_000),
    /** Ours alone, below `path`. */
    subfolder: SubPath.default("airfleet"),
    ...common,
  }),
  /** A bucket of Amazon S3, or of anything that speaks its language. */
  z.strictObject({
    type: z.literal("s3"),
    bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, "a bucket's name"),
    /** Ours alone. */
    prefix: SubPath.default("airfleet"),
    region: z.string().min(1).max(64).default("us-east-1"),
    endpoint: z.url({ protocol: /^https?$/ }).optional(),
    /** AWS's own chain (environment, files, roles) when absent. */
    access_key_id: SecretReference.optional(),
    secret_access_key: SecretReference.optional(),
    session_token: SecretReference.optional(),
    ...common,
  }),
  /** A branch of a git repository that something brings to the engine: git-sync, a DAG bundle. */
  z.strictObject({
    type: z.literal("git"),
    url: z
      .string()
      .max(2_000)
      .regex(
        /^(https?:\/\/[^\s@]+|ssh:\/\/[^\s-][^\s]*|file:\/\/\/\S+|\/\S+|[A-Za-z0-9_.]+@[A-Za-z0-9][A-Za-z0-9.-]*:[^\s-]\S*)$/,
        "https://…, ssh://…, user@host:path, file:///… or an absolute path; no password in it",
      ),
    branch: z
      .string()
      .regex(/^(?![-/.])(?!.*(\.\.|@\{|\/\/|\.lock$))[A-Za-z0-9_./-]+(?<![/.])$/, "a branch's name")
      .default("main"),
    /** Ours alone, within the repository. */
    path: SubPath.default("airfleet"),
    /** For https; the user is `git` where only a password (a token) is given. */
    username: SecretReference.optional(),
    password: SecretReference.optional(),
    /** For ssh: the private key. */
    ssh_key: SecretReference.optional(),
    /** Lines of a known_hosts file; without them the host's key must be known to the user that Airfleet runs as. */
    known_hosts: z.string().max(20_000).optional(),
    author: z
      .string()
      .max(200)
      .regex(/^[^<>\n]+ <[^<>\s]+>$/, "Name <address>")
      .default("Airfleet <airfleet@localhost>"),
    ...common,
  }),
]);
export type DeployConfig = z.infer<typeof DeployConfig>;
