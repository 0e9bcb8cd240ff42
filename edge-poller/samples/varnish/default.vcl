# SPDX-License-Identifier: Apache-2.0
#
# A whole configuration, as small as it can be: one origin behind this Varnish, commanded by the Rollcall edge poller.
vcl 4.1;

backend default {
    .host = "127.0.0.1";
    .port = "8081";
}

include "/etc/varnish/rollcall.vcl";

sub vcl_backend_response {
    # An invalidated object that is kept this long is renewed with a conditional request instead of being fetched whole.
    set beresp.keep = 1h;
}
