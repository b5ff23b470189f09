import type { Clock } from "@airfleet/http";
import type { ResolvedInstanceAuth } from "@airfleet/model";

export type MwaaAuth = Extract<ResolvedInstanceAuth, { type: "mwaa" }>;

/** Signs one request body for AWS and answers the headers to send with it. */
export type AwsSigner = (request: { readonly url: URL; readonly body: string }) => Promise<Record<string, string>>;

/**
 * Signature version 4 with AWS's own code, under the configured keys or those of this process (environment, profile,
 * container, instance role). Loaded when first used: other instances do not pay for it.
 */
export const createAwsSigner = (auth: MwaaAuth, clock: Clock): AwsSigner => {
  const load = async () => {
    const [{ SignatureV4 }, { Sha256 }, { defaultProvider }] = await Promise.all([
      import("@smithy/signature-v4"),
      import("@aws-crypto/sha256-js"),
      import("@aws-sdk/credential-provider-node"),
    ]);
    const { access_key_id, secret_access_key, session_token } = auth;
    const isConfigured = access_key_id !== undefined && secret_access_key !== undefined;
    return new SignatureV4({
      service: "airflow",
      region: auth.region,
      sha256: Sha256,
      credentials: isConfigured
        ? {
            accessKeyId: access_key_id,
            secretAccessKey: secret_access_key,
            ...(session_token === undefined ? {} : { sessionToken: session_token }),
          }
        : defaultProvider(),
    });
  };
  let signer: ReturnType<typeof load> | undefined;
  return async ({ url, body }) => {
    signer ??= load();
    const signed = await (await signer).sign(
      {
        method: "POST",
        protocol: url.protocol,
        hostname: url.hostname,
        ...(url.port === "" ? {} : { port: Number(url.port) }),
        path: url.pathname,
        headers: { host: url.host, "content-type": "application/json" },
        body,
      },
      { signingDate: new Date(clock.now()) },
    );
    return signed.headers;
  };
};
