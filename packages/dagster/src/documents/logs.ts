import { z } from "zod";
import { defineDocument } from "./document.ts";
import { PYTHON_ERROR, unionFields } from "./parts.ts";

const ErrorShape = z.object({ message: z.string(), className: z.string().nullish() });

export const RunEvent = z.object({
  __typename: z.string(),
  /** Milliseconds, as text. */
  timestamp: z.string().optional(),
  level: z.string().optional(),
  stepKey: z.string().nullish(),
  message: z.string().optional(),
  fileKey: z.string().optional(),
  stepKeys: z.array(z.string()).nullish(),
  pid: z.number().nullish(),
  error: ErrorShape.extend({ causes: z.array(ErrorShape).optional() }).nullish(),
});
export type RunEvent = z.infer<typeof RunEvent>;

/** One page of a run's event log, oldest first. */
export const eventsDocument = defineDocument<{
  readonly runId: string;
  readonly after: string | null;
  readonly limit: number;
}>()(
  "Events",
  `query Events($runId: ID!, $after: String, $limit: Int!) { logsForRun(runId: $runId, afterCursor: $after, limit: $limit) { __typename
    ... on EventConnection { cursor hasMore events { __typename ... on MessageEvent { timestamp level stepKey message }
      ... on LogsCapturedEvent { fileKey stepKeys pid }
      ... on ExecutionStepFailureEvent { error { message className causes { message className } } }
      ... on ExecutionStepUpForRetryEvent { error { message className causes { message className } } } } }
    ... on RunNotFoundError { message } ${PYTHON_ERROR} } }`,
  z.object({
    logsForRun: z.object({
      ...unionFields,
      cursor: z.string().optional(),
      hasMore: z.boolean().optional(),
      events: z.array(RunEvent).optional(),
    }),
  }),
);

/** What a process wrote, from a place `bytes of stdout:bytes of stderr` on. The key is a path; the event's own `logKey` is not all of it. */
export const capturedLogsDocument = defineDocument<{
  readonly key: readonly string[];
  readonly cursor: string | null;
  readonly limit: number;
}>()(
  "CapturedLogs",
  "query CapturedLogs($key: [String!]!, $cursor: String, $limit: Int!) { capturedLogs(logKey: $key, cursor: $cursor, limit: $limit) { stdout stderr cursor } }",
  z.object({
    capturedLogs: z.object({
      stdout: z.string().nullish(),
      stderr: z.string().nullish(),
      cursor: z.string().nullish(),
    }),
  }),
);
