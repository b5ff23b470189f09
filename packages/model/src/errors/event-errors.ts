import { defineErrors } from "./definition.ts";

/** What can go wrong with events that are followed, and with messages that are sent to us. */
export const eventErrors = defineErrors({
  REJECTED_REPORT_UNKNOWN: {
    status: 404,
    retryable: false,
    message: 'There is no rejected message "{report}". It may have been used or dropped meanwhile.',
  },
  REPORT_CONFIRMATION_NEEDED: {
    status: 422,
    retryable: false,
    message: "A topic wants this subscription to be confirmed. {step}.",
  },
  REPORT_HOST_AMBIGUOUS: {
    status: 422,
    retryable: false,
    message:
      'The host "{host}" of the message fits the instances {instances}. Map it to one of them in the event source.',
  },
  REPORT_HOST_UNKNOWN: {
    status: 422,
    retryable: false,
    message:
      'The host "{host}" of the message belongs to no instance. Configure one, or map the host in the event source.',
  },
  REPORT_INCOMPLETE: {
    status: 422,
    retryable: false,
    message: "The message has no usable {field}: {reason}. It must name dag_id and dag_run_id.",
  },
  REPORT_TOO_LARGE: {
    status: 422,
    retryable: false,
    message: "The message has {size} {unit}, and at most {limit} are read. Send a reference instead of the data.",
  },
  REPORT_UNREADABLE: {
    status: 422,
    retryable: false,
    message: "The message cannot be read: {reason}. Send the SNS envelope or the bare message as a JSON object.",
  },
  REPORTS_BUSY: {
    status: 503,
    retryable: true,
    message: "{waiting} reports wait to be written, and at most {limit} may. Nothing of this was kept; send it again.",
  },
  STREAMS_EXHAUSTED: {
    status: 503,
    retryable: true,
    message: "This server has {open} streams of events open, which is all it takes. Close some, or try again later.",
  },
});
