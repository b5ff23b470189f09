import type { S3Client } from "@aws-sdk/client-s3";
import { AirfleetError, isAirfleetError, type ResolvedDeployConfig } from "@airfleet/model";
import type { DeployTarget } from "../deploy-target.ts";
import { applyChange, listOurs } from "../own-folder/apply-change.ts";
import { sha256 } from "../own-folder/manifest.ts";
import type { OwnFolder } from "../own-folder/own-folder.ts";

type S3Config = Extract<ResolvedDeployConfig, { type: "s3" }>;
type Sdk = typeof import("@aws-sdk/client-s3");

/** Errors that no second try mends. */
const REFUSALS: Readonly<Record<string, string>> = {
  AccessDenied: "our credentials may not do that there",
  AllAccessDisabled: "access to the bucket is disabled",
  InvalidAccessKeyId: "the access key is not known there",
  SignatureDoesNotMatch: "the secret access key is wrong",
  ExpiredToken: "the session token has expired",
  InvalidToken: "the session token is wrong",
  NoSuchBucket: "there is no such bucket",
  PermanentRedirect: "the bucket is in another region",
  AuthorizationHeaderMalformed: "the region is wrong",
  CredentialsProviderError: "no credentials were found",
  XMinioStorageFull: "no space is left",
  InsufficientStorage: "no space is left",
  QuotaExceeded: "the quota is used up",
  XAmzContentSHA256Mismatch: "what arrived was not what was sent",
};

interface Failure {
  readonly name?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const toS3Error = (error: unknown, target: string): AirfleetError => {
  if (isAirfleetError(error)) return error;
  const { name = "", message = "", $metadata } = error as Failure;
  const status = $metadata?.httpStatusCode;
  const reason = REFUSALS[name] ?? (status === 403 ? REFUSALS["AccessDenied"] : undefined);
  const isFull = status === 507;
  if (reason !== undefined || isFull) {
    return new AirfleetError(
      "DEPLOY_TARGET_REFUSED",
      { target, reason: reason ?? "no space is left" },
      { cause: error },
    );
  }
  const said = status === undefined ? name || message : `${name || "an error"} (HTTP ${status})`;
  return new AirfleetError("DEPLOY_TARGET_UNREACHABLE", { target, reason: said || "no answer" }, { cause: error });
};

const statusOf = (error: unknown): number | undefined => (error as Failure).$metadata?.httpStatusCode;
const isAbsent = (error: unknown): boolean => statusOf(error) === 404 && (error as Failure).name !== "NoSuchBucket";
/** Somebody else was first: S3 answers 412, or 409 while both are being written. */
const isBeaten = (error: unknown): boolean => statusOf(error) === 412 || statusOf(error) === 409;

const unlessAbsent = async <Answer>(act: () => Promise<Answer>): Promise<Answer | undefined> => {
  try {
    return await act();
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
};

interface Bucket {
  readonly sdk: Sdk;
  readonly client: S3Client;
  readonly config: S3Config;
  readonly description: string;
  readonly signal: AbortSignal;
}

const openPrefix = ({ sdk, client, config, description, signal }: Bucket): OwnFolder => {
  const place = (path: string) => ({ Bucket: config.bucket, Key: `${config.prefix}/${path}` });
  const options = { abortSignal: signal };

  const guarded = async <Answer>(act: () => Promise<Answer>): Promise<Answer> => {
    try {
      return await act();
    } catch (error) {
      signal.throwIfAborted();
      throw toS3Error(error, description);
    }
  };
  const readObject = (path: string) =>
    unlessAbsent(async () => {
      const { Body, ETag } = await client.send(new sdk.GetObjectCommand(place(path)), options);
      return { text: (await Body?.transformToString("utf8")) ?? "", version: ETag ?? "" };
    });

  return {
    description,
    read: (path) => guarded(() => readObject(path)),
    // Read whole: metadata would tell what was once meant to be there.
    hash: (path) =>
      guarded(async () => {
        const found = await readObject(path);
        return found === undefined ? undefined : sha256(found.text);
      }),
    write: (path, text, expected) =>
      guarded(async () => {
        try {
          const { ETag } = await client.send(
            new sdk.PutObjectCommand({
              ...place(path),
              Body: text,
              ContentType: path.endsWith(".json") ? "application/json" : "text/x-python; charset=utf-8",
              ...(expected === "new" ? { IfNoneMatch: "*" } : {}),
              ...(typeof expected === "object" ? { IfMatch: expected.version } : {}),
            }),
            options,
          );
          return ETag ?? "";
        } catch (error) {
          const isLost = typeof expected === "object" && isAbsent(error);
          if (expected !== "any" && (isBeaten(error) || isLost)) return undefined;
          throw error;
        }
      }),
    remove: (path) =>
      guarded(async () => {
        await client.send(new sdk.DeleteObjectCommand(place(path)), options);
      }),
    // An object is there whole or not at all.
    tidy: () => Promise.resolve(),
  };
};

/**
 * A prefix of an S3 bucket. New objects and the manifest are written conditionally (`If-None-Match`, `If-Match`), which
 * keeps deployers from overwriting each other; an endpoint that ignores these headers lets the last one win.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export const createS3Target = (config: S3Config): DeployTarget => {
  const description = `bucket s3://${config.bucket}/${config.prefix}`;
  let opened: Promise<{ readonly sdk: Sdk; readonly client: S3Client }> | undefined;

  const open = async (): Promise<{ readonly sdk: Sdk; readonly client: S3Client }> => {
    const sdk = await import("@aws-sdk/client-s3");
    const { access_key_id: accessKeyId, secret_access_key: secretAccessKey, session_token: sessionToken } = config;
    const client = new sdk.S3Client({
      region: config.region,
      maxAttempts: 3,
      requestHandler: { connectionTimeout: 5_000, requestTimeout: 20_000 },
      // Others than Amazon seldom know the newer checksums, and want the bucket in the path.
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
      ...(config.endpoint === undefined ? {} : { endpoint: config.endpoint, forcePathStyle: true }),
      ...(accessKeyId === undefined || secretAccessKey === undefined
        ? {}
        : {
            credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
          }),
    });
    return { sdk, client };
  };
  const withBucket = async <Answer>(
    signal: AbortSignal,
    act: (folder: OwnFolder) => Promise<Answer>,
  ): Promise<Answer> => {
    opened ??= open();
    return act(openPrefix({ ...(await opened), config, description, signal }));
  };

  return {
    description,
    apply: (change, { signal }) => withBucket(signal, (folder) => applyChange(folder, change, signal)),
    list: ({ signal }) => withBucket(signal, listOurs),
    async close() {
      const held = await opened?.catch(() => undefined);
      held?.client.destroy();
    },
  };
};
