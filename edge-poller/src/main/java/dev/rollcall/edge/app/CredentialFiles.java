// SPDX-License-Identifier: Apache-2.0
package dev.rollcall.edge.app;

import dev.rollcall.edge.lifecycle.PrivateDirectory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Set;

/**
 * The file of the server token, and beside it, while this machine enrols, that of its claim: who
 * was interrupted asks again with the same one. Both are for their owner only.
 */
record CredentialFiles(Path token) {
  private Path claim() {
    return token.resolveSibling(token.getFileName() + ".claim");
  }

  boolean isThere() {
    return Files.exists(token);
  }

  /** The claim of before, or a new one. */
  String takeClaim() throws IOException {
    Path directory = token.toAbsolutePath().getParent();
    if (directory != null) {
      PrivateDirectory.create(directory);
    }
    if (Files.exists(claim())) {
      return Files.readString(claim()).strip();
    }
    byte[] secret = new byte[32];
    new SecureRandom().nextBytes(secret);
    String made = Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
    write(claim(), made);
    return made;
  }

  /** Puts the token in its place, whole, and forgets the claim. */
  void put(String secret) throws IOException {
    write(token, secret);
    forgetClaim();
  }

  void forgetClaim() throws IOException {
    Files.deleteIfExists(claim());
  }

  private static void write(Path file, String content) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      ByteBuffer bytes = ByteBuffer.wrap((content + "\n").getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    Path directory = file.toAbsolutePath().getParent();
    if (directory != null) {
      PrivateDirectory.sync(directory);
    }
  }
}
