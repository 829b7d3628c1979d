// From profiles and the values they carry to clusters.
//
//   1. generic values   what too many people carry links nobody (generic_values.hpp), nor what stands alone on far more
//                       records than anything else (default_values.hpp)
//   2. exact values     union-find over everything that shares a value that is not generic. Then, only inside the
//                       components that may hold more than one person (doubts.hpp: two names or birth dates, a broken
//                       limit; cuts.hpp: values that hold them together too weakly), the careful way: value by value,
//                       each joining only those of its carriers who can be one person (careful.hpp)
//   3. links            rules on attributes, near values and matches by probability, in a total order, each only where
//                       the two clusters do not conflict (rule_links.hpp, near_links.hpp, match_links.hpp)
//
// Limits (limits.hpp), where any are declared, hold from the second step on. Must-links join first of all.
//
// All steps see one graph (profile_graph.hpp), ask the same judge who can be one person (people.hpp) and join the same
// clusters (clusters.hpp); what they leave to be read stands in links.hpp and readings.hpp. This room knows their
// order.
//
// Every decision is taken on sets (the values of a component, the names of a cluster) in the order of the smallest
// records that carry the values (by source, then by a hash of the record id): not in the order of arrival, so permuted
// records give the same clusters, and not in that of the values' keys, so the run's secret does not decide who is who.
// If a whole component holds no conflict, no part of it does, which is why the careful way may be kept to the few
// components that do.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "careful.hpp"
#include "clusters.hpp"
#include "cuts.hpp"
#include "default_values.hpp"
#include "doubts.hpp"
#include "generic_values.hpp"
#include "limits.hpp"
#include "links.hpp"
#include "match_links.hpp"
#include "near_links.hpp"
#include "people.hpp"
#include "profile_graph.hpp"
#include "readings.hpp"
#include "rule_links.hpp"
#include "shared_fields.hpp"

namespace enishi {

class Linking {
  public:
    Linking(const ProfileTable &profiles, std::vector<IdentifierField> fields, AttributeColumns attributes,
            RecordOrder order, size_t threads)
        : graph_{profiles, std::move(fields), attributes, order, threads}, people_(graph_), sets_(graph_.size()),
          clusters_(graph_, people_, sets_) {
        if (graph_.fields.size() > 255) throw std::length_error("more than 255 identifiers");
        for (const IdentifierField &field : graph_.fields) joined_.emplace_back(field.values->size(), 0);
        exact_.slips.assign(graph_.fields.size(), 0);
    }
    Linking(const Linking &) = delete;  // its parts refer to one another

    // What a customer may not be, before anything joins. The must-links become links of rule 0.
    void declare(Limits limits) {
        clusters_.declare(std::move(limits));
        for (const auto &[p, q] : clusters_.limits().must()) {
            Link link;
            link.rule = 0;
            link.left_value = static_cast<uint32_t>(links_.made.size());
            link.left_profile = p;
            link.right_profile = q;
            links_.made.push_back(link);
        }
    }

    std::vector<GenericValue> find_generic() {
        std::vector<GenericValue> found;
        for (const BareValue &each : default_values(graph_)) {
            graph_.fields[each.field].values->status()[each.value] = static_cast<uint8_t>(Status::generic);
            found.push_back({each.field, each.value, 1});
        }
        crowded_.emplace(graph_, people_, clusters_);
        crowded_->join_others();
        for (const GenericValue &each : crowded_->find_generic()) found.push_back(each);
        return found;
    }

    // Returns the number of values found contested. Generic values are to be found first.
    uint64_t join_exact() {
        if (!crowded_) throw std::logic_error("generic values are found first, and once");
        crowded_->join();
        crowded_.reset();
        graph_.forget();  // those whom a crowded value touches may be all
        const Components components = clusters_.components();
        const SharedFields shared = shared_fields(graph_);
        const bool names_tell = shared.names_tell();
        std::vector<uint8_t> doubts = doubtful_components(graph_, components, names_tell);
        settle_doubts(graph_, components, names_tell, doubts);
        if (clusters_.limits().any()) {
            clusters_.set_alone(mark_broken(graph_, clusters_.limits(), components, doubts));
        }
        const Cuts cuts(graph_, components);
        for (const uint32_t c : cuts.found()) doubts[c] |= has_bridge;
        std::vector<uint32_t> profiles;
        const std::vector<Component> doubtful = marked(components, doubts, profiles);
        graph_.learn(profiles);
        for (const uint32_t p : profiles) clusters_.take_out(p);
        exact_ = join_carefully(graph_, clusters_, sets_, cuts, shared, doubtful, doubts, joined_);
        graph_.forget();
        tell_apart();
        return exact_.contested;
    }

    uint64_t join_rule(uint32_t rule, const std::vector<uint32_t> &columns) {
        return enishi::join_rule(graph_, people_, clusters_, rule, columns, links_);
    }
    NearCounts join_near(uint32_t f, const NearPair *pairs, size_t count) {
        return join_near_values(graph_, people_, clusters_, f, joined_[f], pairs, count, links_);
    }
    MatchCounts join_matches(uint32_t rule, const std::vector<WeighedPair> &pairs, double within, double threshold,
                             uint32_t first) {
        return enishi::join_matches(graph_, people_, clusters_, rule, pairs, within, threshold, first, links_);
    }
    uint64_t refuse_outweighed(uint32_t rule, const std::vector<WeighedPair> &pairs, uint32_t first) {
        return enishi::refuse_outweighed(graph_, clusters_, rule, pairs, first, links_);
    }

    // ---- what came of it ---------------------------------------------------------------------------------------

    const ProfileGraph &graph() const { return graph_; }
    const Limits &limits() const { return clusters_.limits(); }
    // By limit, which joins it forbade.
    const std::vector<Refused> &refused() const { return clusters_.refused(); }
    // By profile, the number of its cluster, and whether its records belong together at all.
    std::vector<uint32_t> labels() { return clusters_.labels(); }
    const std::vector<uint8_t> &bound() const { return sets_.bound; }
    // By value of field f, what came of joining its carriers: a code of Joined.
    const std::vector<uint8_t> &joined(uint32_t f) const { return joined_[f]; }
    // How many values of field f joined carriers who conflict, as slips alone make them there.
    uint64_t slips(uint32_t f) const { return exact_.slips[f]; }
    const std::vector<Handover> &handovers() const { return exact_.handovers; }
    // Records that are not of their profile's cluster but of that of another profile, by ascending record.
    const std::vector<std::pair<uint32_t, uint32_t>> &adopted() const { return adopted_; }
    const Links &links() const { return links_; }

  private:
    // Gives each record of the profiles that carry nothing but a value that changed hands to the owner of its time.
    void tell_apart() {
        if (exact_.scattered.empty()) return;
        std::vector<uint32_t> at(graph_.size(), none);
        for (const auto &[p, handover] : exact_.scattered) at[p] = handover;
        const auto &of_record = graph_.profiles.of_record();
        for (size_t i = 0; i < of_record.size(); ++i) {
            if (at[of_record[i]] == none) continue;
            const Handover &handover = exact_.handovers[at[of_record[i]]];
            const uint32_t owner = handover.tenures.within(Span::at(graph_.profiles.time(i)));
            if (owner == none || handover.holders[owner] == none) continue;
            adopted_.emplace_back(static_cast<uint32_t>(i), handover.holders[owner]);
        }
    }

    const ProfileGraph graph_;
    People people_;
    Sets sets_;
    Clusters clusters_;
    std::optional<CrowdedValues> crowded_;  // from finding the generic ones to joining the others
    JoinedValues joined_;
    CarefulJoins exact_;
    std::vector<std::pair<uint32_t, uint32_t>> adopted_;
    Links links_;
};

}  // namespace enishi
