/** What a code means: the HTTP status of our API, whether trying again can help, and the message with its placeholders. */
export interface ErrorDefinition {
  readonly status: number;
  readonly retryable: boolean;
  readonly message: string;
}

/** Types a group of codes without widening its keys. */
export const defineErrors = <const Codes extends Record<string, ErrorDefinition>>(codes: Codes): Codes => codes;
