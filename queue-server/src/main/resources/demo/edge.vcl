# SPDX-License-Identifier: Apache-2.0
# Written by the demo at each start: one backend, then the poller's sample as it is shipped.
vcl 4.1;

backend origin {
    .host = "127.0.0.1";
    .port = "@ORIGIN_PORT@";
}

include "./rollcall.vcl";

sub vcl_deliver {
    if (obj.hits > 0) {
        set resp.http.X-Cache = "HIT";
    } else {
        set resp.http.X-Cache = "MISS";
    }
}
