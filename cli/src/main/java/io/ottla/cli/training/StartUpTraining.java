package io.ottla.cli.training;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.ottla.cli.Main;
import io.ottla.cli.terminal.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Runs the usual commands against a server that always answers the same, so that Java can note
 * which classes they need and keep them ready. What is printed goes nowhere.
 */
public final class StartUpTraining {
  private static final String PARTITION =
      """
      {"partition":0,"leader":1,"replicas":[1],"start_offset":0,"end_offset":1,\
      "replica_details":[{"broker":1,"directory":"c1/broker-1/topics/t-0","start_offset":0,\
      "end_offset":1,"size_bytes":80}]}\
      """;
  private static final String TOPIC =
      """
      {"topic_id":"t","name":"t","cluster":"c1","internal":false,"num_partitions":1,\
      "retention_policies":168,"retention_bytes":-1,"segment_bytes":134217728,\
      "compression":"lz4","cleanup_policy":"delete","max_record_bytes":1048576,\
      "created_at":"2026-01-01T00:00:00Z","partitions":[\
      """
          + PARTITION
          + "]}";
  private static final String CLUSTER =
      """
      {"cluster_id":"c","name":"c1","num_brokers":1,"replication_factor":1,\
      "tolerated_failures":0,"log_directory":"c1","partitions":3,"retention_policies":168,\
      "brokers":[{"id":1,"host":"127.0.0.1","port":8080,"state":"running",\
      "directory":"c1/broker-1"}],"created_at":"2026-01-01T00:00:00Z",\
      "topics":[{"name":"t","partitions":[\
      """
          + PARTITION
          + "]}]}";
  private static final String GROUPS =
      """
      {"groups":[{"group":"g","cluster":"c1","state":"stable","generation":1,"members":1}]}\
      """;
  private static final String OFFSETS =
      """
      {"group":"g","partitions":[{"topic":"t","partition":0,"position":1,"committed":1,\
      "end_offset":1,"lag":0}]}\
      """;
  private static final String EVENT =
      """
      {"topic":"t","partition":0,"offset":0,"timestamp":1764000000000,"key":"k",\
      "value":{"a":1},"headers":{"h":"v"}}
      """;
  private static final String[][] COMMANDS = {
    {"topic", "list"},
    {"topic", "describe", "t"},
    {"cluster", "list", "--json"},
    {"status"},
    {"group", "list"},
    {"offset", "show", "-g", "g", "-t", "t"},
    {"consume", "t"},
    {"consume", "t", "-f", "%k %v %o %p %t %T %h\\n"},
    {"produce", "t", "--no-idempotence"},
    {"topic", "describe", "unknown"},
    {"--help"}
  };

  private StartUpTraining() {}

  public static void main(String[] arguments) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", StartUpTraining::answer);
    try (ExecutorService threads = Executors.newCachedThreadPool()) {
      server.setExecutor(threads);
      server.start();
      String url = "http://127.0.0.1:" + server.getAddress().getPort();
      for (String[] command : COMMANDS) {
        Main.run(console(url), command);
      }
      server.stop(0);
    }
  }

  private static Console console(String url) {
    return new Console(
        InputStream.nullInputStream(),
        OutputStream.nullOutputStream(),
        OutputStream.nullOutputStream(),
        Map.of("OTTLA_URL", url),
        "");
  }

  private static void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      String body =
          switch (path) {
            case "/topic" -> "{\"topics\":[" + TOPIC + "]}";
            case "/topic/t" -> TOPIC;
            case "/cluster" -> "{\"clusters\":[" + CLUSTER + "]}";
            case "/cluster/c1" -> CLUSTER;
            case "/group" -> GROUPS;
            case "/offset" -> OFFSETS;
            case "/events" -> EVENT;
            case "/health/live", "/health/ready" -> "{\"status\":\"ready\"}";
            default -> "{\"code\":\"topic_not_found\",\"detail\":\"there is none\"}";
          };
      exchange.getResponseHeaders().set("Ottla-Next-Offset", "1");
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(path.equals("/topic/unknown") ? 404 : 200, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }
}
