import { create } from "axios";
import express from "express";

/**
 * The first seed's way, rebuilt as a baseline: Express, axios, `Promise.all`, every body parsed and printed again, 30 s a client.
 * Usage: seed-way.ts PORT FIRST_PORT COUNT
 */
const [port = 0, firstPort = 0, count = 0] = process.argv.slice(2).map(Number);

const clients = Array.from({ length: count }, (_, index) => ({
  id: `client${index}`,
  http: create({
    baseURL: `http://127.0.0.1:${firstPort + index}/api/v1`,
    timeout: 30_000,
    auth: { username: "admin", password: "admin" },
    headers: { "Content-Type": "application/json" },
  }),
}));

const app = express();
app.get("/api/dags", async (_request, response) => {
  const results = await Promise.all(
    clients.map(async (client) => {
      try {
        const answer = await client.http.get<unknown>("/dags");
        return { client_id: client.id, client_name: client.id, success: true, data: answer.data };
      } catch (error) {
        return {
          client_id: client.id,
          client_name: client.id,
          success: false,
          error: error instanceof Error ? error.message : "failed",
        };
      }
    }),
  );
  const successful = results.filter((result) => result.success).length;
  response.json({
    total_clients: results.length,
    successful_clients: successful,
    failed_clients: results.length - successful,
    results,
  });
});
app.listen(port, "127.0.0.1", () => process.stdout.write("seed ready\n"));
