package io.ottla.http.group;

import io.ottla.broker.consume.GroupDescription;
import io.ottla.broker.consume.GroupDescription.MemberDescription;
import io.ottla.broker.consume.GroupDescription.OwnedPartition;
import io.ottla.broker.consume.GroupDescription.Summary;
import io.ottla.http.consumer.ConsumerJson;
import io.ottla.http.json.JsonBuffer;
import io.ottla.http.offset.ProgressJson;
import java.util.List;
import java.util.Locale;

/** Consumer groups as the contract's JSON. */
final class GroupJson {
  private GroupJson() {}

  /** What a group is called and how it is, as the first members of an object. */
  static void write(JsonBuffer out, Summary group) {
    out.raw("\"group\":").string(group.group());
    out.raw(",\"cluster\":").string(group.cluster());
    out.raw(",\"state\":").string(group.state().name().toLowerCase(Locale.ROOT));
    out.raw(",\"generation\":").number(group.generation());
  }

  static void write(JsonBuffer out, GroupDescription group) {
    out.raw('{');
    write(out, group.summary());
    out.raw(",\"protocol\":").string(group.protocol());
    out.raw(",\"members\":[");
    List<MemberDescription> members = group.members();
    for (int i = 0; i < members.size(); i++) {
      out.raw(i > 0 ? "," : "");
      write(out, members.get(i));
    }
    out.raw("],\"partitions\":[");
    List<OwnedPartition> partitions = group.partitions();
    for (int i = 0; i < partitions.size(); i++) {
      out.raw(i > 0 ? ",{" : "{");
      ProgressJson.writeName(out, partitions.get(i).progress());
      out.raw(",\"owner\":");
      ProgressJson.write(out, partitions.get(i).owner());
      ProgressJson.writeProgress(out, partitions.get(i).progress());
      out.raw('}');
    }
    out.raw("],\"lag\":").number(group.lag());
    out.raw(",\"offsets_topic\":\"__consumer_offsets\"");
    out.raw(",\"offsets_partition\":").number(group.offsetsPartition()).raw('}');
  }

  private static void write(JsonBuffer out, MemberDescription member) {
    out.raw("{\"member_id\":").string(member.memberId());
    out.raw(",\"consumer_id\":");
    ProgressJson.write(out, member.consumerId());
    out.raw(member.active() ? ",\"active\":true" : ",\"active\":false");
    ConsumerJson.writeTopics(out, member.settings().topics());
    ConsumerJson.writeSession(out, member.settings());
    out.raw(",\"assignment\":");
    ConsumerJson.writePartitions(out, member.assignment());
    out.raw(",\"revoking\":");
    ConsumerJson.writePartitions(out, member.revoking());
    out.raw('}');
  }
}
