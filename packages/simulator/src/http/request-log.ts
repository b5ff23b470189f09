/** One request that an instance received. */
export interface LoggedRequest {
  readonly method: string;
  /** Decoded path with the query as it came. */
  readonly path: string;
  readonly query: string;
  /** 0 while there is no answer, and for ever when it was hung up on. */
  status: number;
}

export interface RequestFilter {
  readonly method?: string;
  readonly path?: string | RegExp;
}

/** What an instance was asked, so that a test can count calls. The last 10,000 are kept; `total` counts all. */
export interface RequestLog {
  readonly total: number;
  all(filter?: RequestFilter): readonly LoggedRequest[];
  count(filter?: RequestFilter): number;
  clear(): void;
}

const KEPT_REQUESTS = 10_000;

const matches = (request: LoggedRequest, { method, path }: RequestFilter): boolean =>
  (method === undefined || method === request.method) &&
  (path === undefined || (typeof path === "string" ? path === request.path : path.test(request.path)));

export const createRequestLog = (): RequestLog & { readonly add: (request: LoggedRequest) => void } => {
  let requests: LoggedRequest[] = [];
  let total = 0;
  return {
    get total() {
      return total;
    },
    all: (filter = {}) => requests.filter((request) => matches(request, filter)),
    count: (filter = {}) => requests.filter((request) => matches(request, filter)).length,
    clear: () => {
      requests = [];
      total = 0;
    },
    add: (request) => {
      total += 1;
      requests.push(request);
      if (requests.length > KEPT_REQUESTS * 1.2) requests = requests.slice(-KEPT_REQUESTS);
    },
  };
};
