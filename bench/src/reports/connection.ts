import { once } from "node:events";
import { connect } from "node:net";

/** One connection that is kept alive, and posts one request after the other. */
export interface Connection {
  /** @returns The status of the answer. */
  post(request: Buffer): Promise<number>;
  close(): void;
}

/** The end of the answer that the text begins with; undefined while some of it is missing. */
const answerEnd = (text: string): number | undefined => {
  const head = text.indexOf("\r\n\r\n");
  if (head < 0) return undefined;
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, head))?.[1];
  // Answers of Node itself come in chunks when nobody said how long they are.
  if (length === undefined) return text.endsWith("0\r\n\r\n") ? text.length : undefined;
  const end = head + 4 + Number(length);
  return text.length >= end ? end : undefined;
};

/** Cheaper than any client: what sends the load runs on the same two cores as what is measured. */
export const openConnection = async (url: URL): Promise<Connection> => {
  const socket = connect(Number(url.port), url.hostname);
  socket.setNoDelay(true);
  await once(socket, "connect");
  let text = "";
  let waiting: { readonly resolve: (status: number) => void; readonly reject: (error: Error) => void } | undefined;
  socket.setEncoding("latin1");
  socket.on("data", (data: string) => {
    text += data;
    const end = answerEnd(text);
    if (end === undefined) return;
    const status = Number(text.slice(9, 12));
    text = text.slice(end);
    waiting?.resolve(status);
    waiting = undefined;
  });
  const fail = (error: Error): void => waiting?.reject(error);
  socket.on("error", fail);
  socket.on("close", () => fail(new Error("the connection was closed")));
  return {
    post: (request) =>
      new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        socket.write(request);
      }),
    close: () => socket.destroy(),
  };
};
