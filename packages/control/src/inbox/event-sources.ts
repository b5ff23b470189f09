import { EventSource, type SqsSource } from "@airfleet/model";
import type { Store, StoredDocument } from "@airfleet/store";
import type { Clock } from "../clock.ts";
import { createDocumentFollower, type DocumentFollower } from "../documents/document-follower.ts";
import type { Logger } from "../logger.ts";
import type { Inbox } from "./inbox.ts";
import type { MessageQueue } from "./message-queue.ts";
import { createQueueConsumer, type ConsumerState, type QueueConsumer } from "./queue-consumer.ts";
import type { QueueSecrets } from "./sqs-queue.ts";

/** Opens the queue of a source. */
export type OpenQueue = (source: SqsSource, secrets: QueueSecrets) => Promise<MessageQueue>;

/** The sources of events that are configured, and those who read them. */
export interface EventSources {
  readonly documents: DocumentFollower<EventSource>;
  /** How this process reads a queue; undefined when it does not. */
  state(id: string): ConsumerState | undefined;
  start(): void;
  stop(): Promise<void>;
}

interface SourcePorts {
  readonly store: Pick<Store, "documents" | "leases">;
  readonly inbox: Inbox;
  readonly openQueue: OpenQueue;
  readonly owner: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: () => number;
}

interface Running {
  readonly consumer: QueueConsumer;
  /** Of the document that it was started from. */
  readonly version: string;
}

const versionOf = ({ version, createdAt }: StoredDocument): string => `${createdAt}/${version}`;

/** Starts a reader for every queue, begins anew where a definition changed, and ends those that are gone. */
export const createEventSources = (ports: SourcePorts): EventSources => {
  const { store, openQueue, clock, logger, random } = ports;
  const running = new Map<string, Running>();
  const ending = new Set<Promise<void>>();
  let isStarted = false;

  const end = (id: string): void => {
    const ended = running.get(id)?.consumer.stop();
    running.delete(id);
    if (ended === undefined) return;
    ending.add(ended);
    void ended.finally(() => ending.delete(ended));
  };

  const begin = (document: StoredDocument, source: SqsSource): void => {
    const secrets = (document.secret ?? {}) as QueueSecrets;
    const consumer = createQueueConsumer({
      ...ports,
      id: document.id,
      source,
      open: () => openQueue(source, secrets),
    });
    running.set(document.id, { consumer, version: versionOf(document) });
    consumer.start();
  };

  const follow = (): void => {
    if (!isStarted) return;
    const wanted = documents
      .list()
      .flatMap(({ document, meaning }) =>
        meaning.type === "sqs" && meaning.enabled ? [{ document, source: meaning }] : [],
      );
    for (const [id, { version }] of running) {
      if (!wanted.some(({ document }) => document.id === id && versionOf(document) === version)) end(id);
    }
    for (const { document, source } of wanted) if (!running.has(document.id)) begin(document, source);
  };

  const documents = createDocumentFollower<EventSource>({
    store,
    kind: "event_source",
    parse: ({ body }) => EventSource.parse(body),
    onChanged: follow,
    clock,
    logger,
    random,
  });

  return {
    documents,
    state: (id) => running.get(id)?.consumer.state(),
    start() {
      isStarted = true;
      documents.start();
      follow();
    },
    async stop() {
      isStarted = false;
      await documents.stop();
      for (const id of running.keys()) end(id);
      await Promise.all(ending);
    },
  };
};
