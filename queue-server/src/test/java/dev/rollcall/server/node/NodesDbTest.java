// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.rollcall.server.db.DatabaseAddress;
import dev.rollcall.server.db.Pool;
import dev.rollcall.server.queue.CommandIndex;
import dev.rollcall.server.queue.Exchange;
import dev.rollcall.server.queue.QueuedCommand;
import dev.rollcall.server.telemetry.Metrics;
import dev.rollcall.testkit.DatabaseExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two nodes on one database, and what each tells the polls that wait there. */
final class NodesDbTest {
  @RegisterExtension final DatabaseExtension database = new DatabaseExtension();

  private final List<Node> started = new ArrayList<>();

  /** A node with the polls that wait on it. */
  private static final class Node implements Nodes.Polls, AutoCloseable {
    private final List<Integer> woken = new CopyOnWriteArrayList<>();
    private final List<String> cancelled = new CopyOnWriteArrayList<>();
    private final List<String> moved = new CopyOnWriteArrayList<>();
    private final Metrics metrics = new Metrics();
    private final Pool pool;
    private final Nodes nodes;

    Node(String url, boolean only) {
      var address = new DatabaseAddress(url, null, null);
      pool = Pool.open(address, Pool.Purpose.NODE, 1);
      nodes = new Nodes(pool, address, this, new CommandIndex(), metrics);
      nodes.start(only);
    }

    @Override
    public void wake(Collection<Integer> serverIds) {
      woken.addAll(serverIds);
    }

    @Override
    public void cancelled(int serverId, Exchange.Held lease) {
      cancelled.add(serverId + " " + lease.command().seq() + " " + lease.leaseNo());
    }

    @Override
    public void missed(Collection<Integer> serverIds) {}

    @Override
    public void completed(Collection<Long> seqs) {}

    @Override
    public void movedAway(int serverId, int instance) {
      moved.add(serverId + " " + instance);
    }

    double metric(String name) {
      return metrics
          .scrape()
          .lines()
          .filter(line -> line.startsWith(name + " "))
          .mapToDouble(line -> Double.parseDouble(line.substring(name.length())))
          .sum();
    }

    @Override
    public void close() {
      nodes.close();
      pool.close();
      metrics.close();
    }
  }

  @AfterEach
  void stop() {
    started.forEach(Node::close);
  }

  private Node node() {
    return node(false);
  }

  private Node node(boolean only) {
    var node = new Node(database.get().jdbcUrl(), only);
    started.add(node);
    return node;
  }

  /** The row of a node that ended without a word. */
  private void killed(String address, int silentSeconds) {
    database
        .get()
        .jdbi()
        .useHandle(handle ->
            handle.execute(
                "insert into rollcall.node values (gen_random_uuid(), ?, null, now() - interval '1"
                    + " h', now() - make_interval(secs => ?))",
                address,
                silentSeconds));
  }

  private List<String> silent() {
    return database
        .get()
        .jdbi()
        .withHandle(handle ->
            handle
                .createQuery(
                    "select address from rollcall.node where seen_at < now() - interval '5 s' order"
                        + " by 1")
                .mapTo(String.class)
                .list());
  }

  @Test
  void a_killed_node_is_forgotten_once_another_listens_at_its_address() {
    killed("http://10.0.0.1:8080", 35);
    killed("http://10.0.0.2:8080", 35);

    node().nodes.listeningOn("http://10.0.0.1:8080");

    await("the one at the other address is still looked for")
        .until(() -> silent().equals(List.of("http://10.0.0.2:8080")));
  }

  @Test
  void two_that_live_at_one_address_keep_their_rows() {
    Node[] both = two();
    for (Node node : both) {
      node.nodes.listeningOn("http://127.0.0.1:8080");
    }
    await("both have said where").until(() -> number("select count(address) from node") == 2);
    long beats = number("select count(*) from node where seen_at > started_at");

    assertThat(beats).isEqualTo(2);
    assertThat(both[0].metric("rollcall_nodes_alive")).isEqualTo(2);
  }

  @Test
  void a_node_that_is_the_only_one_forgets_all_others_at_its_start() {
    killed("http://10.0.0.1:8080", 35);
    killed("http://10.0.0.2:8080", 1);

    node(true);

    assertThat(number("select count(*) from node")).isEqualTo(1);
  }

  /** Two nodes that know of each other and listen. */
  private Node[] two() {
    Node[] both = {node(), node()};
    for (Node node : both) {
      await("knows of the other").until(() -> node.metric("rollcall_nodes_alive") == 2);
    }
    await("both listen").until(() -> listening() == 2);
    return both;
  }

  private int listening() {
    return number(
        "select count(*) from pg_stat_activity where datname = current_database() and"
            + " application_name = 'rollcall-listen' and query like 'listen %'");
  }

  private int number(String sql) {
    return database
        .get()
        .jdbi()
        .withHandle(handle -> handle.createQuery(sql).mapTo(Integer.class).one());
  }

  private static long place(Handle handle) {
    return handle.createQuery("select take_seqs(1)").mapTo(Long.class).one();
  }

  private static void insert(Handle handle, long seq, int... servers) {
    handle
        .createUpdate(
            """
            insert into command (seq, id, origin_id, created_by, operation, target, parameters, options, ordering_key,
              ordering_hash, lane, lease_seconds, max_attempts, payload_bytes, targeted, deadline_at, queued_at, upkeep_at)
            values (:seq, :id, 1, 'test', 'purge', '{}', '{}', '{}', '', 0, 1, 60, 5, 300, 1,
              clock_timestamp() + interval '1 day', clock_timestamp(), clock_timestamp() + interval '1 day')
            """)
        .bind("seq", seq)
        .bind("id", UUID.randomUUID())
        .execute();
    handle.execute(
        "insert into command_target (seq, cell, participant_id, server_ids) values (?, 0, 1,"
            + " ?::int[])",
        seq,
        java.util.Arrays.toString(servers).replace('[', '{').replace(']', '}'));
  }

  private long submitSilently(int... servers) {
    return database
        .get()
        .jdbi()
        .inTransaction(handle -> {
          long seq = place(handle);
          insert(handle, seq, servers);
          return seq;
        });
  }

  @Test
  void news_of_one_node_reaches_the_polls_of_the_other_and_its_own() {
    Node[] both = two();

    both[0].nodes.everywhere().wake(List.of(5, 6));
    both[0].nodes.arrived(5, 77);

    assertThat(both[0].woken).containsExactly(5, 6);
    await("the other is told").untilAsserted(() -> assertThat(both[1].woken).containsExactly(5, 6));
    await("the other is told of the arrival")
        .untilAsserted(() -> assertThat(both[1].moved).containsExactly("5 77"));
    assertThat(both[0].moved).isEmpty();
  }

  @Test
  void a_cancelled_lease_is_told_to_the_other_node() {
    Node[] both = two();
    long seq = submitSilently(9);
    var command = new QueuedCommand(seq, UUID.randomUUID(), (short) 1, 0L, 60, 5, 0d, 300);

    both[1].nodes.everywhere().cancelled(9, new Exchange.Held(command, 3));

    await("the other is told")
        .untilAsserted(() -> assertThat(both[0].cancelled).containsExactly("9 " + seq + " 3"));
  }

  @Test
  void a_node_without_neighbours_tells_nobody_and_does_not_listen() {
    Node alone = node();
    await("it has shown itself").until(() -> number("select count(*) from node") == 1);

    alone.nodes.everywhere().wake(List.of(5));
    alone.nodes.arrived(5, 77);

    assertThat(alone.woken).containsExactly(5);
    assertThat(listening()).isZero();
    Node second = node();
    await("they know of each other").until(() -> alone.metric("rollcall_nodes_alive") == 2);
    assertThat(alone.metric("rollcall_notifications_sent_total")).isZero();
    assertThat(second.woken).isEmpty();
  }

  @Test
  void a_command_of_which_no_news_came_is_looked_up() {
    Node[] both = two();

    submitSilently(11, 12);

    for (Node node : both) {
      await("it is found")
          .atMost(Duration.ofSeconds(5))
          .untilAsserted(() -> assertThat(node.woken).containsExactlyInAnyOrder(11, 12));
      assertThat(node.metric("rollcall_commands_looked_up_total")).isEqualTo(1);
    }
  }

  @Test
  void a_command_that_becomes_visible_after_a_later_one_is_not_missed() throws Exception {
    Node[] both = two();
    try (var slow = database.get().jdbi().open()) {
      slow.begin();
      long early = place(slow);
      insert(slow, early, 21);
      long late = submitSilently(22);
      assertThat(late).isGreaterThan(early);
      await("the later one is found")
          .untilAsserted(() -> assertThat(both[0].woken).containsExactly(22));

      slow.commit();
    }

    await("the earlier one is found")
        .untilAsserted(() -> assertThat(both[0].woken).containsExactly(22, 21));
  }

  @Test
  void a_command_of_which_news_came_is_not_looked_up_again() {
    Node[] both = two();
    long told = database.get().jdbi().withHandle(NodesDbTest::place);
    both[0].nodes.everywhere().queued(List.of(told));
    await("the other is told")
        .until(() -> both[1].metric("rollcall_notifications_received_total") == 1);

    database.get().jdbi().useTransaction(handle -> insert(handle, told, 31));
    submitSilently(32);

    for (Node node : both) {
      await("the later one is found, so the first was met as well")
          .untilAsserted(() -> assertThat(node.woken).containsExactly(32));
    }
  }

  @Test
  void after_the_listening_session_was_killed_the_node_listens_again() {
    Node[] both = two();
    database
        .get()
        .jdbi()
        .useHandle(handle ->
            handle.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name ="
                    + " 'rollcall-listen' and datname = current_database()"));
    await("both listen again").until(() -> listening() == 2);

    both[1].nodes.everywhere().wake(List.of(41));

    await("the other is told").untilAsserted(() -> assertThat(both[0].woken).contains(41));
  }

  @Test
  void a_node_that_stops_leaves_the_list_and_one_that_is_silent_is_not_alive() {
    Node[] both = two();

    both[1].close();
    started.remove(both[1]);

    assertThat(number("select count(*) from node")).isEqualTo(1);
    await("it is alone again").until(() -> both[0].metric("rollcall_nodes_alive") == 1);
    database
        .get()
        .jdbi()
        .useHandle(handle ->
            handle.execute(
                "insert into node values (gen_random_uuid(), null, null, now(), now() - interval '6"
                    + " s'), (gen_random_uuid(), null, null, now(), now() - interval '2 h')"));
    await("what was silent for too long is removed, what was not stays")
        .until(() -> number("select count(*) from node") == 2);
    assertThat(both[0].metric("rollcall_nodes_alive")).isEqualTo(1);
    await("it still listens for the one that may be there").until(() -> listening() == 1);
  }
}
