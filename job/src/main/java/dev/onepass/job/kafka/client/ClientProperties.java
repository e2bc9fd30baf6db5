package dev.onepass.job.kafka.client;

import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;

/** Properties of the clients that the job has beside its sources and its sink. */
public final class ClientProperties {

  private ClientProperties() {}

  /**
   * Returns the same without a client id: two clients of one id in a process are in each other's
   * way.
   */
  public static Properties withoutId(Properties clients) {
    Properties properties = new Properties();
    properties.putAll(clients);
    properties.remove(CommonClientConfigs.CLIENT_ID_CONFIG);
    return properties;
  }

  /**
   * Returns those of a consumer without a group, which reads what is committed and makes no topic.
   */
  public static Properties ofCommittedReader(Properties clients) {
    Properties properties = withoutId(clients);
    properties.remove(ConsumerConfig.GROUP_ID_CONFIG);
    properties.setProperty(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.setProperty(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, "false");
    properties.setProperty(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, "false");
    return properties;
  }
}
