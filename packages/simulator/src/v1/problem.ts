import { type Answer, html, Refusal } from "../http/answer.ts";

const DOCS = "https://airflow.apache.org/docs/apache-airflow/2.11.2/stable-rest-api-ref.html#section/Errors/";

const ANCHORS: Readonly<Record<number, string>> = {
  400: "BadRequest",
  403: "PermissionDenied",
  404: "NotFound",
  406: "NotAcceptable",
  409: "AlreadyExists",
};

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  409: "Conflict",
};

export interface ProblemText {
  readonly title?: string | null;
  readonly detail?: string | null;
  /** `about:blank` for what the framework says itself. */
  readonly isGeneric?: boolean;
}

/** Airflow 2's error: an RFC 7807 object whose message stands in `title` or in `detail`, the other one null or general. */
export const problem = (
  status: number,
  { title = TITLES[status] ?? "", detail = null, isGeneric = false }: ProblemText,
): Answer => ({
  status,
  headers: { "content-type": "application/problem+json" },
  body: JSON.stringify({
    detail,
    status,
    title,
    type: isGeneric ? "about:blank" : `${DOCS}${ANCHORS[status] ?? "Unknown"}`,
  }),
});

export const refuse = (status: number, text: ProblemText): never => {
  throw new Refusal(problem(status, text));
};

/** 400 with the message in `detail`. */
export const badRequest = (detail: string): never => refuse(400, { detail });

/** What a crash inside the webserver looks like, also on API paths. */
export const crashPage = (version: string): Answer =>
  html(
    500,
    `

<!DOCTYPE html>
<html lang="en">
  <head>
    <link rel="stylesheet" href="https://maxcdn.bootstrapcdn.com/bootstrap/3.3.5/css/bootstrap.min.css">
  </head>
  <body>
    <div class="container">
      <h1> Ooops! </h1>
      <div>
          <pre>
Something bad has happened. For security reasons detailed information about the error is not logged.

Python version: 3.11.7
Airflow version: ${version}
Node: redacted
-------------------------------------------------------------------------------
Error! Please contact server admin.</pre>
      </div>
    </div>
  </body>
</html>`,
  );

/** The page that Airflow 2 shows for a path outside its API. */
export const notFoundPage = (): Answer =>
  html(
    404,
    `<!DOCTYPE html>
<html lang="en">
  <head><title>Airflow 404</title></head>
  <body><div><h1>Airflow 404</h1><p>Page cannot be found.</p></div></body>
</html>`,
  );
