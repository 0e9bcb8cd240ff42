# SPDX-License-Identifier: Apache-2.0
#
# Lets the Rollcall edge poller on this machine purge, invalidate and load. Varnish 7 (tested with 7.1).
#
# Include it once, below "vcl 4.1;" and your backends and above your own subroutines:
#
#     include "/etc/varnish/rollcall.vcl";
#
# Varnish joins subroutines of one name in the order in which it meets them, so yours run after these. What your
# vcl_recv does to req.url or the Host header must then be done above the include, or a purge looks for the URL that
# was asked for while the object is kept under the one you made of it. Add nothing to the cache key in vcl_hash (no
# scheme, no cookie): a purge by URL finds the object by host and URL alone. Bans find it in any case.
#
# Objects that were cached before this file was loaded carry none of its headers, and bans pass them by. Once, after
# the first load:  varnishadm ban 'obj.status != 0'

import purge;
import std;

# Who may purge. Behind a proxy that does not speak the PROXY protocol every client has the proxy's address: leave
# such an address out. (A request with headers that proxies add is refused below in any case.)
acl rollcall_poller {
    "127.0.0.1";
    "::1";
}

sub vcl_recv {
    if (req.restarts == 0) {
        unset req.http.X-Rollcall-Objects;
        unset req.http.X-Rollcall-Step;
        unset req.http.X-Rollcall-Poller;
        if (client.ip ~ rollcall_poller && req.http.X-Forwarded-For !~ "," && !req.http.Forwarded && !req.http.Via
            && !req.http.X-Real-IP && !req.http.X-Forwarded-Proto) {
            set req.http.X-Rollcall-Poller = "1";
        }
    }
    if (req.method == "PURGE" || req.method == "BAN") {
        if (!req.http.X-Rollcall-Poller) {
            return (synth(403, "Not from here"));
        }
        if (req.http.X-Rollcall == "check") {
            call rollcall_pcre;
            return (synth(200, "Ready"));
        }
        if (req.method == "BAN") {
            call rollcall_ban;
        }
        if (req.http.X-Rollcall && req.http.X-Rollcall != "hard" && req.http.X-Rollcall != "soft") {
            return (synth(501, "X-Rollcall: hard or soft"));
        }
        if (req.http.X-Rollcall-Step == "passed") {
            return (purge);
        }
        # Any variant is a hit, and a fetch under way is waited for: see vcl_hit below.
        set req.hash_ignore_vary = true;
        set req.hash_ignore_busy = false;
        return (hash);
    }
    call rollcall_normal_form;
}

# The same normal form as the poller's (RFC 3986 section 6.2.2), as far as VCL can. What is still not in it when the
# object's key is made is delivered but not kept (vcl_hash): nobody could name it in a purge.
sub rollcall_normal_form {
    if (req.http.Host ~ "[A-Z]|\.?:[0-9]*$|\.$") {
        set req.http.Host = regsub(std.tolower(req.http.Host), "\.?(?::(?:80|443)?)?$", "");
    }
    if (req.url ~ "[^!$%&'()*+,./0-9:;=?@A-Z_a-z~-]") {
        set req.url = regsuball(req.url, "\x22", "%22");
        set req.url = regsuball(req.url, "<", "%3C");
        set req.url = regsuball(req.url, ">", "%3E");
        set req.url = regsuball(req.url, "\[", "%5B");
        set req.url = regsuball(req.url, "\\", "%5C");
        set req.url = regsuball(req.url, "\]", "%5D");
        set req.url = regsuball(req.url, "\^", "%5E");
        set req.url = regsuball(req.url, "`", "%60");
        set req.url = regsuball(req.url, "\{", "%7B");
        set req.url = regsuball(req.url, "\|", "%7C");
        set req.url = regsuball(req.url, "\}", "%7D");
    }
    if (req.url ~ "%(?:[a-f]|[0-9A-F][a-f])") {
        set req.url = regsuball(req.url, "%a", "%A");
        set req.url = regsuball(req.url, "%b", "%B");
        set req.url = regsuball(req.url, "%c", "%C");
        set req.url = regsuball(req.url, "%d", "%D");
        set req.url = regsuball(req.url, "%e", "%E");
        set req.url = regsuball(req.url, "%f", "%F");
        set req.url = regsuball(req.url, "%([0-9A-F])a", "%\1A");
        set req.url = regsuball(req.url, "%([0-9A-F])b", "%\1B");
        set req.url = regsuball(req.url, "%([0-9A-F])c", "%\1C");
        set req.url = regsuball(req.url, "%([0-9A-F])d", "%\1D");
        set req.url = regsuball(req.url, "%([0-9A-F])e", "%\1E");
        set req.url = regsuball(req.url, "%([0-9A-F])f", "%\1F");
    }
    if (req.url ~ "%(?:2D|5F|7E)") {
        set req.url = regsuball(req.url, "%2D", "-");
        set req.url = regsuball(req.url, "%5F", "_");
        set req.url = regsuball(req.url, "%7E", "~");
    }
}

# X-Rollcall-Hosts: names, or X-Rollcall-Domains: names of which everything below is meant; with commas between.
# X-Rollcall-Match: all, or url or path (that is without the query) with X-Rollcall-Regex.
# X-Rollcall-Began: only objects whose fetch began at a time (milliseconds) that matches this.
# std.ban() splits at white space and knows no quotes: a value with white space would be read as further conditions.
sub rollcall_ban {
    if (req.http.X-Rollcall-Hosts ~ "^[0-9A-Za-z_-]++(?:\.[0-9A-Za-z_-]++)++$") {
        set req.http.X-Rollcall-Step = "obj.http.X-Rollcall-Host == " + req.http.X-Rollcall-Hosts;
    } elsif (req.http.X-Rollcall-Hosts ~ "^[0-9A-Za-z_.,-]++$") {
        set req.http.X-Rollcall-Step = "obj.http.X-Rollcall-Host ~ ^(?:"
            + regsuball(regsuball(req.http.X-Rollcall-Hosts, "\.", "\\."), ",", "|") + ")$";
    } elsif (req.http.X-Rollcall-Domains ~ "^[0-9A-Za-z_.,-]++$") {
        set req.http.X-Rollcall-Step = "obj.http.X-Rollcall-Host ~ \.(?:"
            + regsuball(regsuball(req.http.X-Rollcall-Domains, "\.", "\\."), ",", "|") + ")$";
    } else {
        return (synth(400, "X-Rollcall-Hosts or X-Rollcall-Domains: DNS names"));
    }
    if (req.http.X-Rollcall-Began) {
        if (req.http.X-Rollcall-Began !~ "^\^[0-9|:?()\[\]-]++\$$") {
            return (synth(400, "X-Rollcall-Began: an expression over digits"));
        }
        set req.http.X-Rollcall-Step = req.http.X-Rollcall-Step + " && obj.http.X-Rollcall-Began ~ "
            + req.http.X-Rollcall-Began;
    }
    if (req.http.X-Rollcall-Match == "url" || req.http.X-Rollcall-Match == "path") {
        if (req.http.X-Rollcall-Regex !~ "^[!-~]++$") {
            return (synth(400, "X-Rollcall-Regex: printable ASCII without spaces"));
        }
        call rollcall_pcre;
        if (req.http.X-Rollcall-Match == "url") {
            set req.http.X-Rollcall-Step = req.http.X-Rollcall-Step + " && obj.http.X-Rollcall-Url ~ "
                + req.http.X-Rollcall-Regex;
        } else {
            set req.http.X-Rollcall-Step = req.http.X-Rollcall-Step + " && obj.http.X-Rollcall-Path ~ "
                + req.http.X-Rollcall-Regex;
        }
    } elsif (req.http.X-Rollcall-Match != "all") {
        return (synth(400, "X-Rollcall-Match: all, url or path"));
    }
    if (!std.ban(req.http.X-Rollcall-Step)) {
        return (synth(400, "The ban is refused: " + std.ban_error()));
    }
    return (synth(200, "Banned"));
}

# An expression that exceeds pcre2_match_limit while a ban is tested stops the cache process, and with it everything
# that is cached (Varnish 7.1). The poller sends none that could count to more than 9,500, the default limit being
# 10,000. Where the limit was lowered, or PCRE2 runs without its compiler (then the depth limit applies as well),
# nothing is banned by an expression. These two look for that: they count to 9,603, and nest deeper than 20.
sub rollcall_pcre {
    set req.http.X-Rollcall-Objects = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        + "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    set req.http.X-Rollcall-Objects = regsuball(req.http.X-Rollcall-Objects, "a",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    if (("bc" + req.http.X-Rollcall-Objects) !~ "^[abc]*[bx][cd]") {
        return (synth(500, "pcre2_match_limit is too low to ban by an expression: the default of 10000 is needed"));
    }
    if (req.http.X-Rollcall-Objects !~ "^(?:[ab][ac]){1,50}[ad]") {
        return (synth(500, "pcre2_jit_compilation is off or missing: it is needed to ban by an expression"));
    }
    unset req.http.X-Rollcall-Objects;
}

# Runs for every request, after the last change to its URL and Host: what stands here is what the object is kept
# under. Clients' copies of these headers are overwritten.
sub vcl_hash {
    set req.http.X-Rollcall-Host = req.http.Host;
    set req.http.X-Rollcall-Url = req.url;
    set req.http.X-Rollcall-Path = regsub(req.url, "\?.*", "");
    unset req.http.X-Rollcall-Unfit;
    if (req.http.Host !~ "^[0-9a-z_-]++(?:\.[0-9a-z_-]++)++$" && req.http.Host ~ "\.[^:]*[A-Za-z]") {
        set req.http.X-Rollcall-Unfit = "host";
    } elsif (req.url !~ "^/.{0,1799}$") {
        set req.http.X-Rollcall-Unfit = "length";
    } elsif (req.url !~ "^[!$%&'()*+,./0-9:;=?@A-Z_a-z~-]++$") {
        set req.http.X-Rollcall-Unfit = "characters";
    } elsif (req.url ~ "%(?![0-9A-F][0-9A-F])|%(?:[01].|2[DE]|3[0-9]|4[1-9A-F]|5[0-9AF]|6[1-9A-F]|7[0-9AEF])") {
        set req.http.X-Rollcall-Unfit = "encoding";
    } elsif (req.http.X-Rollcall-Path ~ "(?:/|%2F|%5C)\.\.?(?:/|%2F|%5C|$)") {
        set req.http.X-Rollcall-Unfit = "dots";
    }
}

# Purges, then looks again: the second look finds what was being fetched during the first (the look-up waits for it,
# because nothing else is left to be hit), so that no answer which the origin gave before the purge stays. Where
# others fetch the URL anew meanwhile this could go on for ever, so it ends after the third look.
sub vcl_hit {
    if (req.method == "PURGE") {
        call rollcall_purge;
        if (req.restarts < 2) {
            return (restart);
        }
        return (synth(200, "Purged"));
    }
}

sub vcl_miss {
    if (req.method == "PURGE") {
        call rollcall_purge;
        return (synth(200, "Purged"));
    }
}

# A purged object that Varnish remembers as never to be kept (hit-for-pass) hides others of the same URL.
sub vcl_pass {
    if (req.method == "PURGE") {
        set req.http.X-Rollcall-Step = "passed";
        return (restart);
    }
}

sub vcl_purge {
    if (req.http.X-Rollcall-Step == "passed") {
        set req.http.X-Rollcall-Step = "purged";
        return (restart);
    }
}

# Soft: no time to live and no grace are left, so nothing is served before the origin was asked; what beresp.keep
# leaves is used to ask with a condition (a 304 then renews the object). To let clients have the old object while it
# is being renewed, give the 0s of grace another value: it is then served once more without having been validated.
#
# Only the first look counts: an object that is purged may be met again for a moment.
sub rollcall_purge {
    if (req.http.X-Rollcall == "soft") {
        set req.http.X-Rollcall-Count = purge.soft(0s, 0s, -1s);
    } else {
        set req.http.X-Rollcall-Count = purge.hard();
    }
    if (std.integer(req.http.X-Rollcall-Objects, 0) == 0) {
        set req.http.X-Rollcall-Objects = req.http.X-Rollcall-Count;
    }
}

# A fetch that was under way when a ban came is newer than the ban once it is stored, and so is not met by it. The
# poller therefore repeats each ban a little later for what began to be fetched before: see X-Rollcall-Began above.
sub vcl_backend_fetch {
    set bereq.http.X-Rollcall-Began = std.time2real(now, 0.0);
    set bereq.http.X-Rollcall-Began = regsub(bereq.http.X-Rollcall-Began, "\.", "");
}

sub vcl_backend_response {
    set beresp.http.X-Rollcall-Began = bereq.http.X-Rollcall-Began;
    set beresp.http.X-Rollcall-Host = bereq.http.X-Rollcall-Host;
    set beresp.http.X-Rollcall-Url = bereq.http.X-Rollcall-Url;
    set beresp.http.X-Rollcall-Path = bereq.http.X-Rollcall-Path;
    if (bereq.http.X-Rollcall-Unfit && !bereq.uncacheable) {
        set beresp.uncacheable = true;
        set beresp.ttl = 120s;
    }
}

sub vcl_deliver {
    unset resp.http.X-Rollcall-Host;
    unset resp.http.X-Rollcall-Url;
    unset resp.http.X-Rollcall-Path;
    unset resp.http.X-Rollcall-Began;
    unset resp.http.X-Rollcall-Vcl;
    unset resp.http.X-Rollcall-Objects;
    unset resp.http.X-Rollcall-Stored;
    if (req.http.X-Rollcall == "load" && req.http.X-Rollcall-Poller) {
        set resp.http.X-Rollcall-Vcl = "1";
        if (obj.uncacheable) {
            set resp.http.X-Rollcall-Stored = "no";
        } else {
            set resp.http.X-Rollcall-Stored = "yes";
        }
    }
}

sub vcl_synth {
    if (req.method == "PURGE" || req.method == "BAN") {
        set resp.http.X-Rollcall-Vcl = "1";
        set resp.http.X-Rollcall-Time = std.time2real(now, 0.0);
        set resp.http.X-Rollcall-Time = regsub(resp.http.X-Rollcall-Time, "\.", "");
        if (req.http.X-Rollcall-Objects) {
            set resp.http.X-Rollcall-Objects = req.http.X-Rollcall-Objects;
        }
        set resp.http.Content-Type = "text/plain; charset=utf-8";
        synthetic(resp.reason + {"
"});
        return (deliver);
    }
}
