import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { SqsSource } from "@airfleet/model";
import type { AddressGuard } from "../outbound/address-guard.ts";
import type { OpenQueue } from "./event-sources.ts";
import type { MessageQueue } from "./message-queue.ts";

/** Secrets of a source's credentials; empty when AWS's own chain finds them. */
export interface QueueSecrets {
  readonly secret_access_key?: string | undefined;
  readonly session_token?: string | undefined;
}

const BATCH = 10;

/**
 * Amazon's own names, which a VPC endpoint with private DNS turns into private addresses: whoever runs AWS decides what
 * they stand for, so they need no entry in `network.allow`. STS is asked where a role signs in.
 */
export const AWS_NAMES = ["sqs.*.amazonaws.com", "sqs.*.amazonaws.com.cn", "sts.*.amazonaws.com", "sts.amazonaws.com"];

/** What is called for a source. */
export const queueAddress = ({ endpoint, queue_url: url }: SqsSource): string => endpoint ?? url;

/** `https://sqs.eu-west-1.amazonaws.com/…` names its region; other addresses need one to be given. */
const regionOf = ({ region, queue_url: url }: SqsSource): string =>
  region ?? /^sqs\.([a-z0-9-]+)\.amazonaws\./.exec(new URL(url).hostname)?.[1] ?? "us-east-1";

const toEntries = (receipts: readonly string[]) =>
  receipts.slice(0, BATCH).map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));

/**
 * Opens queues of Amazon SQS at addresses that the guard lets pass, also when it comes to connecting. Only where one is configured is the AWS SDK loaded: it costs 60 ms and some megabytes.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
 */
export const createSqsOpener =
  (guard: AddressGuard): OpenQueue =>
  async (source, secrets): Promise<MessageQueue> => {
    guard.toUrl(queueAddress(source));
    const sqs = await import("@aws-sdk/client-sqs");
    const { credentials } = source;
    const client = new sqs.SQSClient({
      region: regionOf(source),
      maxAttempts: 2,
      requestHandler: {
        httpAgent: new HttpAgent({ keepAlive: true, lookup: guard.lookups["http:"] }),
        httpsAgent: new HttpsAgent({ keepAlive: true, lookup: guard.lookups["https:"] }),
      },
      ...(source.endpoint === undefined ? {} : { endpoint: source.endpoint, useQueueUrlAsEndpoint: false }),
      ...(credentials.type === "chain"
        ? {}
        : {
            credentials: {
              accessKeyId: credentials.access_key_id,
              secretAccessKey: secrets.secret_access_key ?? "",
              ...(secrets.session_token === undefined ? {} : { sessionToken: secrets.session_token }),
            },
          }),
    });
    const QueueUrl = source.queue_url;

    return {
      async receive(signal) {
        const command = new sqs.ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: BATCH,
          WaitTimeSeconds: source.wait_seconds,
          VisibilityTimeout: source.visibility_seconds,
          MessageSystemAttributeNames: ["SentTimestamp"],
        });
        const { Messages = [] } = await client.send(command, { abortSignal: signal });
        return Messages.flatMap(({ Body, MessageId, ReceiptHandle, Attributes }) => {
          if (MessageId === undefined || ReceiptHandle === undefined) return [];
          const sentAt = Number(Attributes?.SentTimestamp ?? Number.NaN);
          return [
            {
              text: Body ?? "",
              messageId: `sqs:${MessageId}`,
              receipt: ReceiptHandle,
              sentAt: Number.isFinite(sentAt) ? sentAt : null,
            },
          ];
        });
      },

      async delete(receipts) {
        if (receipts.length === 0) return [];
        const { Failed = [] } = await client.send(
          new sqs.DeleteMessageBatchCommand({ QueueUrl, Entries: toEntries(receipts) }),
        );
        return Failed.flatMap(({ Id }) => receipts[Number(Id)] ?? []);
      },

      async extend(receipts) {
        if (receipts.length === 0) return;
        const Entries = toEntries(receipts).map((entry) => ({
          ...entry,
          VisibilityTimeout: source.visibility_seconds,
        }));
        await client.send(new sqs.ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
      },

      close: () => client.destroy(),
    };
  };
