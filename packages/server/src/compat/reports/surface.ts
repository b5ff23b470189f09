import { INSTANCE_ID_PATTERN, AirfleetError, toInstanceId } from "@airfleet/model";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Desk } from "../../routes/bound-route.ts";
import { countingRefusals } from "../../routes/bind-signed.ts";

/** Where senders post that were told of an instance. */
const NAMED_PATH = "/reports/:instance/*";
/** Where senders post that know only a host: the prefixes of cwl-airflow's own set-ups, and none. */
export const BARE_PATHS = ["/satellite/*", "/airflow/*", "/status", "/progress", "/results"] as const;
export const REPORT_PATHS: readonly string[] = [NAMED_PATH, ...BARE_PATHS];

const pathOf = (request: FastifyRequest): string => request.url.split("?", 1)[0] ?? "";

const unknownPath = (request: FastifyRequest): AirfleetError =>
  new AirfleetError("ROUTE_UNKNOWN", { method: request.method, path: pathOf(request) });

/** Airflow's HttpHook names no media type when it is given text; whatever it says, the body is JSON. */
const readAnyBody = (scope: FastifyInstance): void => {
  const parse = scope.getDefaultJsonParser("error", "error");
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("*", { parseAs: "string" }, (request, body: string, done) => {
    void parse(request, body, done);
  });
};

/**
 * Registers the receiver of cwl-airflow-parser and cwl-airflow: each path that ends in status, progress or results, with
 * the body `{"payload": object or signed text}`. Answers 200 with an empty object. Credentials and the header `endpoint`
 * that Airflow's connection adds are not looked at: what is signed proves itself.
 */
export const serveReportPaths = async (app: FastifyInstance, { control, limits }: Desk): Promise<void> => {
  const receive = async (request: FastifyRequest, instance: string): Promise<object> => {
    // A name that cannot be one is answered as one that is not there.
    const named = toInstanceId(INSTANCE_ID_PATTERN.test(instance) ? instance : "?");
    await countingRefusals(request, limits, () =>
      control.signedReports.receiveOld({
        instance: named,
        path: pathOf(request),
        body: request.body,
        ip: request.ip,
      }),
    );
    return {};
  };

  await app.register(async (scope) => {
    readAnyBody(scope);
    const config = { proof: "signature" } as const;
    scope.post<{ Params: { instance: string } }>(NAMED_PATH, { config }, (request) =>
      receive(request, request.params.instance),
    );
    for (const path of BARE_PATHS) {
      scope.post(path, { config }, async (request) => {
        const instance = control.signedReports.bareInstance();
        if (instance === undefined) throw unknownPath(request);
        return receive(request, instance);
      });
    }
  });
};
