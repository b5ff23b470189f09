import { AirfleetError, ERROR_CATALOGUE, type ErrorCode } from "@airfleet/model";
import type { AnswerError } from "../../http/create-app.ts";
import { isTold, toProblem } from "../../http/problem.ts";

/** A refusal in the words of Airflow's experimental API; such a text is what its clients look for. */
export class ExperimentalRefusal extends AirfleetError {
  readonly answer: { readonly status: number; readonly text: string; readonly isPlain: boolean };

  /** @param isPlain The original answers this one as text and not as JSON. */
  constructor(status: number, text: string, { isPlain = false }: { readonly isPlain?: boolean } = {}) {
    super("REQUEST_INVALID", { summary: text });
    this.answer = { status, text, isPlain };
  }
}

export const dagNotFound = (dagId: string): ExperimentalRefusal =>
  new ExperimentalRefusal(404, `Dag id ${dagId} not found`);

/** Codes of ours for what the original calls a bad request. */
const BAD_REQUESTS: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "CONF_INVALID",
  "CONF_UNUSABLE",
  "CONFIG_ENTRY_INVALID",
  "LOGICAL_DATE_INVALID",
  "RUN_ID_INVALID",
]);

/** A failure of ours, thrown or recorded, as this API tells it. */
export const toRefusal = ({
  code,
  message,
}: {
  readonly code: ErrorCode;
  readonly message: string;
}): ExperimentalRefusal => {
  if (BAD_REQUESTS.has(code)) return new ExperimentalRefusal(400, message);
  const text = isTold(code) ? message : "Something went wrong inside Airfleet";
  return new ExperimentalRefusal(ERROR_CATALOGUE[code].status, text);
};

/** A client that can only send a Basic login must be told that one is taken here. */
const LOGIN = 'Bearer realm="airfleet", Basic realm="airfleet"';

/** Errors of the experimental API: `{"error": text}`. Its 403 for a signature that does not hold is text alone. */
export const answerExperimentalError: AnswerError = (error, request, reply) => {
  const { status, headers, body } = toProblem(error, request.id);
  const answer = error instanceof ExperimentalRefusal ? error.answer : { status, text: body.detail, isPlain: false };
  void reply
    .code(answer.status)
    .headers({ ...headers, deprecation: "true" })
    .headers(answer.status === 401 ? { "www-authenticate": LOGIN } : {})
    .type(answer.isPlain ? "text/plain; charset=utf-8" : "application/json; charset=utf-8")
    .send(answer.isPlain ? answer.text : { error: answer.text });
};
