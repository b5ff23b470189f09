/** What a handler answers. A body of several chunks is sent as they come. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | AsyncIterable<string>;
}

export const JSON_TYPE = "application/json";
export const HTML_TYPE = "text/html; charset=utf-8";

/** A JSON answer. */
export const json = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers: { "content-type": JSON_TYPE, ...headers },
  body: JSON.stringify(body),
});

/** Text under a content type. */
export const text = (status: number, body: string, contentType: string): Answer => ({
  status,
  headers: contentType === "" ? {} : { "content-type": contentType },
  body,
});

export const html = (status: number, body: string): Answer => text(status, body, HTML_TYPE);

/** An error on its way to becoming an answer: thrown by handlers, caught where the request came in. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(`refused with status ${answer.status}`);
    this.answer = answer;
  }
}
