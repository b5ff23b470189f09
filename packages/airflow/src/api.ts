import {
  type ApiPath,
  type ApiRequest,
  type Deadline,
  type InstanceHttp,
  parseAnswer,
  type Query,
} from "@airfleet/http";
import type { AirfleetError } from "@airfleet/model";
import type { z } from "zod";
import type { Dialect, Rows } from "./dialect.ts";

/** One instance, reachable and of known generation: what every operation works on. */
export interface Api {
  readonly http: InstanceHttp;
  readonly dialect: Dialect;
}

type RequestOptions = Omit<ApiRequest, "method" | "root" | "path">;

/** A request below the generation's root. */
export const toRequest = (
  api: Api,
  method: ApiRequest["method"],
  path: ApiPath,
  options: RequestOptions = {},
): ApiRequest => ({ method, root: api.dialect.root, path, ...options });

interface ReadOptions {
  readonly query?: Query;
  /** What a 404 means here; without it a 404 is AIRFLOW_REFUSED. */
  readonly missing?: () => AirfleetError;
}

/** GETs something and parses it. */
export const read = async <Shape>(
  api: Api,
  path: ApiPath,
  shape: z.ZodType<Shape>,
  deadline: Deadline,
  { query, missing }: ReadOptions = {},
): Promise<Shape> => {
  const request = toRequest(api, "GET", path, { query, ...(missing === undefined ? {} : { passes: [404] }) });
  const answer = await api.http.call(request, deadline);
  if (answer.status === 404 && missing !== undefined) throw missing();
  return parseAnswer(api.http, request, answer, shape);
};

/** Follows a list by offset to its end. For lists whose order is fixed by a key. */
export const readAll = async <Row>(
  api: Api,
  path: ApiPath,
  shape: z.ZodType<Rows<Row>>,
  deadline: Deadline,
  { query, missing, atMost = Number.POSITIVE_INFINITY }: ReadOptions & { readonly atMost?: number } = {},
): Promise<Row[]> => {
  const rows: Row[] = [];
  for (;;) {
    const limit = Math.min(api.dialect.pageRows, atMost - rows.length);
    const page = await read(api, path, shape, deadline, {
      query: { ...query, limit, offset: rows.length },
      ...(missing === undefined ? {} : { missing }),
    });
    rows.push(...page.rows);
    // The rows that came decide, not those asked for: a server may clamp the page further than we know.
    const isEnd =
      page.rows.length === 0 || (page.total === null ? page.rows.length < limit : rows.length >= page.total);
    if (isEnd || rows.length >= atMost) return rows.slice(0, atMost);
  }
};
