// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.load.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

final class ChartsTest {
  @TempDir private Path directory;

  private static Document parse(String svg)
      throws ParserConfigurationException, IOException, SAXException {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(svg)));
  }

  private static List<String> texts(Document svg) {
    NodeList nodes = svg.getElementsByTagName("text");
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < nodes.getLength(); i++) {
      texts.add(nodes.item(i).getTextContent());
    }
    return texts;
  }

  @Test
  void bars_are_as_long_as_their_median_and_carry_it() throws Exception {
    Document svg =
        parse(
            new BarChart("a < b & c", "ms")
                .bar("one", List.of(1.0, 2.0, 4.0))
                .bar("two", List.of(1.0))
                .svg());

    assertThat(texts(svg)).contains("a < b & c", "one", "2.00", "two", "1.00");
    NodeList boxes = svg.getElementsByTagName("rect");
    assertThat(boxes.getLength()).as("ground and two bars").isEqualTo(3);
    assertThat(width(boxes, 1)).isEqualTo(2 * width(boxes, 2));
  }

  @Test
  void a_mark_and_a_line_across_stand_at_their_values() throws Exception {
    Document svg =
        parse(
            new BarChart("title", "x")
                .across(1)
                .bar("one", List.of(2.0), 4)
                .bar("two", List.of(1.0))
                .svg());

    NodeList lines = svg.getElementsByTagName("line");
    List<String> upright = new ArrayList<>();
    for (int i = 0; i < lines.getLength(); i++) {
      var at = lines.item(i).getAttributes();
      if (at.getNamedItem("x1").getNodeValue().equals(at.getNamedItem("x2").getNodeValue())
          && !at.getNamedItem("y1").getNodeValue().equals(at.getNamedItem("y2").getNodeValue())) {
        upright.add(at.getNamedItem("x1").getNodeValue());
      }
    }
    assertThat(upright)
        .as("axis, across at 1, mark at 4")
        .contains("250.0", "365.0", "710.0")
        .hasSize(3);
  }

  private static double width(NodeList boxes, int index) {
    return Double.parseDouble(
        boxes.item(index).getAttributes().getNamedItem("width").getNodeValue());
  }

  @Test
  void curves_begin_and_end_where_their_points_say() throws Exception {
    Document svg =
        parse(
            new LineChart("title", "across", "up")
                .curve("flat", List.of(new LineChart.Point(0, 5), new LineChart.Point(100, 5)))
                .curve("zero", List.of(new LineChart.Point(0, 0), new LineChart.Point(50, 0)))
                .svg());

    assertThat(texts(svg)).contains("title", "across", "up", "flat", "zero", "0", "20", "100", "5");
    NodeList curves = svg.getElementsByTagName("polyline");
    assertThat(points(curves, 0)).isEqualTo("80.0,50.0 720.0,50.0");
    assertThat(points(curves, 1)).isEqualTo("80.0,370.0 400.0,370.0");
  }

  private static String points(NodeList curves, int index) {
    return curves.item(index).getAttributes().getNamedItem("points").getNodeValue();
  }

  @Test
  void axes_end_at_a_round_number() {
    assertThat(LineChart.nice(99.3)).isEqualTo(100);
    assertThat(LineChart.nice(100)).isEqualTo(100);
    assertThat(LineChart.nice(101)).isEqualTo(150);
    assertThat(LineChart.nice(0.0021)).isEqualTo(0.0025);
  }

  @Test
  void a_chart_of_nothing_is_still_a_picture() throws Exception {
    assertThat(texts(parse(new BarChart("none", "ms").svg()))).contains("none");
    assertThat(texts(parse(new LineChart("none", "x", "y").svg()))).contains("none");
  }

  @Test
  void text_and_plot_are_written_side_by_side() throws IOException {
    Path results = directory.resolve("a").resolve("b");

    new ResultFiles(results).write("burst", "text\n", "<svg/>\n");

    assertThat(Files.readString(results.resolve("burst.txt"))).isEqualTo("text\n");
    assertThat(Files.readString(results.resolve("burst.svg"))).isEqualTo("<svg/>\n");
  }
}
