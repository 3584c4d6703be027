import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["tests/**/*.test.ts"],
    environment: "node",
    allowOnly: false,
    testTimeout: 60_000,
    reporters: ["default"],
  },
});
