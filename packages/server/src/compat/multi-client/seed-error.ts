import { AirfleetError } from "@airfleet/model";
import { type AnswerError } from "../../http/create-app.ts";
import { toProblem } from "../../http/problem.ts";

/** A refusal in the seed's own words, where it has some; such a text is part of the documented API. */
export class SeedRefusal extends AirfleetError {
  readonly text: string;

  constructor(text: string) {
    super("REQUEST_INVALID", { summary: text });
    this.text = text;
  }
}

/** Errors of the seed's routes: `{"error": text}`, with our code beside it. */
export const answerSeedError: AnswerError = (error, request, reply) => {
  const { status, headers, body } = toProblem(error, request.id);
  const text = error instanceof SeedRefusal ? error.text : body.detail;
  void reply
    .code(status)
    .headers(headers)
    .type("application/json; charset=utf-8")
    .send({ error: text, code: body.code, request_id: body.request_id });
};
