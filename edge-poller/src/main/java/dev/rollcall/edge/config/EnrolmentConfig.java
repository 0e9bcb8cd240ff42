// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.config;

import java.net.URI;
import java.nio.file.Path;

/**
 * What is needed to enrol.
 *
 * @param server base URL of the queue server
 * @param tls the files for the connection to it
 * @param tokenFile where the server token is to be put
 * @param isNamed whether the settings name that file, so that the poller will look there
 */
public record EnrolmentConfig(URI server, TlsFiles tls, Path tokenFile, boolean isNamed) {}
