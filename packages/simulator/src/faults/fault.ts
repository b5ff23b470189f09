/**
 * What can go wrong with an answer. The ones of the first group keep the request from being carried out; with those of
 * the second it is carried out, and only the answer suffers.
 */
export type Fault =
  | { readonly kind: "latency"; readonly ms: number; readonly jitterMs?: number }
  /** The request is taken and never answered. */
  | { readonly kind: "hang" }
  /** The connection is cut before the request is carried out. */
  | { readonly kind: "reset" }
  /** Any status; a text body is sent as HTML, an object as JSON. */
  | {
      readonly kind: "status";
      readonly status: number;
      readonly body?: string | object;
      readonly headers?: Readonly<Record<string, string>>;
      readonly retryAfterSeconds?: number;
    }
  /** 200 with the HTML of a sign-in page, as a proxy in front of an engine does. */
  | { readonly kind: "login page" }
  /** 302. Default location: `/login/`. */
  | { readonly kind: "redirect"; readonly location?: string }
  /** 200 with a valid JSON object of this size, in place of the real answer. */
  | { readonly kind: "huge json"; readonly megabytes: number }
  /** Reads answer what was true when the fault was set. Writes go through. */
  | { readonly kind: "stale reads" }
  /** The request is carried out, then the connection is cut: the client cannot know. */
  | { readonly kind: "lost answer" }
  /** Half of the body; with `cuts` the connection ends before the announced length. */
  | { readonly kind: "truncated json"; readonly cuts?: boolean }
  | { readonly kind: "wrong content type"; readonly contentType: string }
  /** The body drips: this many bytes, then a pause. */
  | { readonly kind: "slow body"; readonly chunkBytes: number; readonly everyMs: number };

/** Which requests a fault hits, and how often. */
export interface FaultRule {
  readonly fault: Fault;
  readonly method?: string;
  /** Path with `*` for one part and `**` for any number of them, or a regular expression over the decoded path. Default: all. */
  readonly path?: string | RegExp;
  /** How many requests it hits before it is over. Default: no end. */
  readonly times?: number;
  /** How many matching requests pass untouched first. Default 0. */
  readonly after?: number;
  /** Share of matching requests that are hit, decided by the instance's seed. Default 1. */
  readonly probability?: number;
}

/** A fault that was set: tells how often it fired, so that a test can prove that it did. */
export interface FaultHandle {
  readonly rule: FaultRule;
  readonly fired: number;
  /** Resolves when it has fired this often in all. */
  whenFired(times?: number): Promise<void>;
  remove(): void;
}
