// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;

/** All metrics of one server. Thread-safe. */
public final class Metrics implements AutoCloseable {
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final JvmGcMetrics garbageCollection = new JvmGcMetrics();

  /** Registers the JVM's own metrics as well. */
  public Metrics() {
    new JvmMemoryMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    garbageCollection.bindTo(registry);
  }

  public Counter counter(Meter meter) {
    return Counter.builder(meter.builderName()).description(meter.help()).register(registry);
  }

  public Counter counter(Meter meter, String tag, String value) {
    return Counter.builder(meter.builderName())
        .description(meter.help())
        .tag(tag, value)
        .register(registry);
  }

  public Counter counter(Meter meter, String tag, String value, String tag2, String value2) {
    return Counter.builder(meter.builderName())
        .description(meter.help())
        .tag(tag, value)
        .tag(tag2, value2)
        .register(registry);
  }

  public Timer timer(Meter meter, String tag, String value) {
    return Timer.builder(meter.builderName())
        .description(meter.help())
        .tag(tag, value)
        .publishPercentileHistogram()
        .minimumExpectedValue(Duration.ofMillis(1))
        .maximumExpectedValue(Duration.ofSeconds(30))
        .register(registry);
  }

  public void gauge(Meter meter, Supplier<Number> value) {
    Gauge.builder(meter.builderName(), value)
        .description(meter.help())
        .strongReference(true)
        .register(registry);
  }

  /** A gauge with a row for each value of a tag, all replaced at once. */
  public RowGauge rows(Meter meter, String tag) {
    MultiGauge gauge =
        MultiGauge.builder(meter.builderName()).description(meter.help()).register(registry);
    return values ->
        gauge.register(
            values.entrySet().stream()
                .map(entry -> MultiGauge.Row.of(Tags.of(tag, entry.getKey()), entry.getValue()))
                .toList(),
            true);
  }

  /** A gauge whose rows come and go. */
  @FunctionalInterface
  public interface RowGauge {
    void set(Map<String, Double> values);
  }

  /** Everything, in the text format of Prometheus. */
  public String scrape() {
    return registry.scrape();
  }

  @Override
  public void close() {
    garbageCollection.close();
    registry.close();
  }
}
