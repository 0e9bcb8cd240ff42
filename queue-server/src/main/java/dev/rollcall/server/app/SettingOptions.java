// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.server.app;

import dev.rollcall.server.config.Setting;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * Settings as options of a subcommand; those that are secret can only come from the environment.
 */
final class SettingOptions {
  private SettingOptions() {}

  static void declare(CommandSpec spec, List<Setting> settings) {
    for (Setting setting : settings) {
      if (setting.kind() == Setting.Kind.SECRET) {
        continue;
      }
      OptionSpec.Builder option =
          OptionSpec.builder(setting.flag())
              .description(
                  setting.meaning()
                      + (setting.fallback() == null ? "" : " (default " + setting.fallback() + ")")
                      + " ["
                      + setting.variable()
                      + "]");
      if (setting.kind() == Setting.Kind.SWITCH) {
        option.type(boolean.class).arity("0");
      } else {
        option.type(String.class).paramLabel("VALUE");
      }
      spec.addOption(option.build());
    }
    spec.usageMessage().footer(secrets(settings));
  }

  private static String[] secrets(List<Setting> settings) {
    return settings.stream()
        .filter(setting -> setting.kind() == Setting.Kind.SECRET)
        .map(setting ->
            "  " + setting.variable() + ", " + setting.variable() + "_FILE: " + setting.meaning())
        .toArray(String[]::new);
  }

  /** What was given as flags, by the setting's name. */
  static Map<String, String> given(ParseResult parsed, List<Setting> settings) {
    Map<String, String> flags = new HashMap<>();
    for (Setting setting : settings) {
      if (setting.kind() != Setting.Kind.SECRET && parsed.hasMatchedOption(setting.flag())) {
        flags.put(
            setting.name(), String.valueOf((Object) parsed.matchedOptionValue(setting.flag(), "")));
      }
    }
    return flags;
  }
}
