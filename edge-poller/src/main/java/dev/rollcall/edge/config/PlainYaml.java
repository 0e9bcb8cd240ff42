// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.config;

import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.DocumentStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.core.io.IOContext;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLFactoryBuilder;
import tools.jackson.dataformat.yaml.YAMLParser;

/**
 * YAML in which nothing stands for something written elsewhere or says what type it is: no anchors,
 * aliases or tags, as in the queue server's manifests. Looked for in the events of the YAML itself:
 * the tokens made of them show an alias as the text of its name. Thread-safe.
 */
final class PlainYaml extends YAMLFactory {
  private static final long serialVersionUID = 1L;

  PlainYaml(YAMLFactoryBuilder builder) {
    super(builder);
  }

  /** One of the three, and where it stands. */
  static final class NotPlainException extends StreamReadException {
    private static final long serialVersionUID = 1L;

    private final transient @Nullable Mark mark;

    NotPlainException(JsonParser parser, @Nullable Mark mark) {
      super(parser, "anchors (&), aliases (*) and tags (!) are not allowed");
      this.mark = mark;
    }

    @Nullable Mark mark() {
      return mark;
    }
  }

  @Override
  protected YAMLParser _createParser(ObjectReadContext read, IOContext io, InputStream in) {
    return new Parser(this, read, io, in);
  }

  private static final class Parser extends YAMLParser {
    Parser(PlainYaml factory, ObjectReadContext read, IOContext io, InputStream in) {
      super(
          read,
          io,
          factory._getBufferRecycler(),
          read.getStreamReadFeatures(factory._streamReadFeatures),
          read.getFormatReadFeatures(factory._formatReadFeatures),
          factory._loadSettings,
          factory._createReader(in, null, io));
    }

    @Override
    protected Event nextEvent() {
      Event event = super.nextEvent();
      boolean plain =
          switch (event) {
            case null -> true;
            case AliasEvent alias -> false;
            case ScalarEvent scalar -> isPlain(scalar, scalar.getTag());
            case CollectionStartEvent collection -> isPlain(collection, collection.getTag());
            case DocumentStartEvent document -> document.getTags().isEmpty();
            default -> true;
          };
      if (!plain) {
        _lastEvent = event;
        throw new NotPlainException(this, event.getStartMark().orElse(null));
      }
      return event;
    }

    private static boolean isPlain(NodeEvent event, Optional<String> tag) {
      return event.getAnchor().isEmpty() && tag.isEmpty();
    }
  }
}
