package wherry;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.transport.Netty4Plugin;

/**
 * Elasticsearch with one node on 127.0.0.1, without the scripts that a distribution starts it with.
 *
 * Arguments: a folder for its data, the HTTP port, then settings as name=value. Prints "started" when it answers.
 */
public final class Server {
    public static void main(String[] arguments) throws Exception {
        Settings.Builder settings = Settings.builder()
            .put("path.home", arguments[0])
            .put("http.port", arguments[1])
            .put("transport.port", "0")
            .put("network.host", "127.0.0.1")
            .put("discovery.type", "single-node")
            .put("cluster.routing.allocation.disk.threshold_enabled", false)
            .put("node.name", "test")
            .put("transport.type", "netty4")
            .put("http.type", "netty4");
        for (int i = 2; i < arguments.length; i++) {
            String[] pair = arguments[i].split("=", 2);
            settings.put(pair[0], pair[1]);
        }
        Environment environment = InternalSettingsPreparer.prepareEnvironment(settings.build(), Map.of(), Path.of(arguments[0], "config"), () -> "test");
        Node node = new OneNode(environment);
        node.start();
        System.out.println("started");
        Thread.currentThread().join();
    }

    private static final class OneNode extends Node {
        OneNode(Environment environment) {
            super(environment, List.of(Netty4Plugin.class), false);
        }
    }
}
