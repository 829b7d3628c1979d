// The values of an identifier on their way to a number.
//
// A value that is looked up as it comes costs two waits for memory in a table of gigabytes. Here every row's value is
// hashed; of the rows that make a new profile, hash and profile are put by, 12 bytes each, in one of 1,024 partitions that
// the hash chooses. When all rows have come, one partition after the other is numbered: its hashes fit into the cache.
//
// Of the 128 bits of a value's key the first 72 count: the partition tells ten, the rest are put by. Who writes keys out
// asks for the other half too, and who compares texts for those. They are told once, where the value is first seen; as
// nobody knows that yet, whenever it is not among the values that were told last.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <deque>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "arrow.hpp"
#include "byte_lists.hpp"
#include "normalizer.hpp"
#include "profile_table.hpp"
#include "sip_lanes.hpp"
#include "value.hpp"
#include "value_table.hpp"

namespace enishi {

class Sightings {
  public:
    // A field's columns in the profiles: slot s is column columns[s]. Without keys, those of values with more than `crowd`
    // sightings, and of generic ones, are known by their first 72 bits.
    Sightings(const std::vector<uint32_t> &columns, bool with_keys, bool with_text, uint32_t crowd)
        : with_keys_(with_keys), with_text_(with_text), crowd_(crowd) {
        for (const uint32_t column : columns) slots_.emplace_back(column);
    }

    // ---- batch by batch ----------------------------------------------------------------------------------------

    // Starts a batch: no slot has been read. What was read of the batch before stays until the next begins, so that one
    // thread numbers it while others read this one.
    void begin() {
        side_ ^= 1;
        for (Slot &slot : slots_) slot.rows[side_].read = false;
    }

    // Reads a column into a slot. space[i] chooses the key that row i is hashed under (without it: keys[0]); rows that
    // are not `wanted` (without it: all are) stay as an earlier reading of the slot left them. Adds to counts, by status.
    // left gets the rows that the kernel leaves to others.
    void read(size_t s, const Normalizer &normalizer, const TextColumn &column, const Key128 *keys,
              const int32_t *space, const uint8_t *wanted, uint64_t *counts, std::vector<int64_t> &left) {
        Rows &rows = begin(s, column.length());
        SipLanes lanes;
        int64_t before = -1;  // the row of the last value; one that repeats it (a default card, a till's device) says the same
        Status status = Status::missing;
        for (int64_t row = 0; row < column.length(); ++row) {
            if (wanted && !wanted[row]) continue;
            if (!column.valid(row)) {
                ++counts[static_cast<size_t>(Status::missing)];
                continue;
            }
            const auto to = static_cast<size_t>(row);
            if (before >= 0 && column[row] == column[before] && (!space || space[row] == space[before])) {
                lanes.flush();
                if (has_value(status)) rows.repeat(to, static_cast<size_t>(before));
            } else {
                status = normalizer(column[row], canonical_);
                put(rows, to, status, keys, space ? space[row] : 0, lanes);
                before = row;
            }
            ++counts[static_cast<size_t>(status)];
            if (status == Status::foreign) left.push_back(row);
        }
        lanes.flush();
    }

    // Reads texts that stand for some rows of a slot, after it was read.
    void correct(size_t s, const Normalizer &normalizer, const TextColumn &texts, const int64_t *rows, const Key128 &key) {
        Rows &of = slots_.at(s).rows[side_];
        SipLanes lanes;
        for (int64_t i = 0; i < texts.length(); ++i) {
            const auto row = static_cast<size_t>(rows[i]);
            if (row >= of.status.size()) throw std::out_of_range("there is no row of that number");
            const Status status = texts.valid(i) ? normalizer(texts[i], canonical_) : Status::missing;
            put(of, row, status, &key, 0, lanes);
        }
        lanes.flush();
    }

    // What the slots that were read say of the rows of the batch before.
    void describe(int64_t rows, std::vector<ProfilePart> &parts) const {
        for (const Slot &slot : slots_) {
            const Rows &before = slot.rows[side_ ^ 1];
            if (!before.read) continue;
            if (before.status.size() != static_cast<size_t>(rows)) throw std::invalid_argument("a batch has one length");
            parts.push_back({slot.column, nullptr, before.keys.data(), before.status.data()});
        }
    }

    // Puts by what the fresh rows of the batch before hold; they made the profiles from first_profile on.
    void keep(const std::vector<uint32_t> &fresh, uint32_t first_profile) {
        for (Slot &slot : slots_) {
            const Rows &before = slot.rows[side_ ^ 1];
            if (!before.read) continue;
            if (!fresh.empty() && fresh.back() >= before.status.size()) throw std::out_of_range("they read another batch");
            const size_t recent = std::min(recent_values, fresh.size());
            if (tells() && slot.recent.size() < recent) slot.recent.assign(recent, Key128{});
            for (size_t i = 0; i < fresh.size(); ++i) {
                const uint32_t row = fresh[i];
                const Status status = before.status[row];
                if (!has_value(status)) continue;
                const Key128 &key = before.keys[row];
                const size_t partition = partition_of(key);
                char *to = slot.sightings.extend(partition, sighting_bytes);
                const uint64_t low = (key.low & ~tag_mask) | static_cast<uint64_t>(status);  // the partition tells the rest
                const uint32_t profile = first_profile + static_cast<uint32_t>(i);
                std::memcpy(to, &low, 8);
                std::memcpy(to + 8, &profile, 4);
                if (!tells()) continue;
                const uint32_t ordinal = slot.seen[partition]++;
                Key128 &told = slot.recent[(key.low >> 32) * slot.recent.size() >> 32];
                if (told == key) continue;
                told = key;
                tell(slot, partition, ordinal, key, before, row);
            }
        }
    }

    // A value with this key is generic, if it is ever seen.
    void list_generic(const Key128 &key) { generic_.push_back(key); }
    // A value with this key never is.
    void list_allowed(const Key128 &key) { allowed_.push_back(key); }

    // ---- when all have come ------------------------------------------------------------------------------------

    // Numbers the values, and writes their numbers into the profiles' columns, where they are to be filled.
    void number(ProfileTable &profiles, ValueTable &values, bool fill = true) {
        for (Slot &slot : slots_) {
            slot.sightings.trim();
            slot.told.trim();
            slot.numbers = fill ? profiles.fill(slot.column) : nullptr;
        }
        for (size_t partition = 0; partition < partitions; ++partition) number_partition(partition, profiles, values);
        slots_.clear();
        found_ = counts_ = carriers_ = {};
        known_ = {};
        sighted_ = {};
        told_ = {};
        ends_ = {};
        room_ = told_room_ = {};
    }

    // Writes what was put by to a file from `at` on, which is moved on; an errno, or 0.
    int spill(int file, uint64_t &at) {
        for (Slot &slot : slots_) {
            for (ByteLists *lists : {&slot.sightings, &slot.told}) {
                if (const int error = lists->spill(file, at)) return error;
            }
        }
        return 0;
    }

    // Bytes of memory that it takes.
    size_t held() const {
        size_t bytes = 0;
        for (const Slot &slot : slots_) bytes += slot.sightings.held() + slot.told.held();
        return bytes;
    }

  private:
    static constexpr size_t partitions = 1024, sighting_bytes = 12;
    static constexpr size_t recent_values = 1 << 14;  // of a slot, 16 bytes each
    static constexpr uint64_t tag_mask = 3, byte_mask = 255;
    static constexpr size_t first_room = 1 << 17;  // what fits into the cache

    // Two bits of the key's first half, which a status takes the place of, and the first byte of its second.
    static size_t partition_of(const Key128 &key) {
        return static_cast<size_t>((key.low & tag_mask) << 8 | (key.high & byte_mask));
    }
    static Key128 first_bits(uint64_t low, size_t partition) {
        return {low << 2 | partition >> 8, partition & byte_mask};
    }

    struct Piece {
        size_t start;
        uint32_t size;
        int32_t space;
    };

    // What a slot holds of one batch, by row.
    struct Rows {
        void repeat(size_t row, size_t before) {
            keys[row] = keys[before];
            status[row] = status[before];
            if (!pieces.empty()) pieces[row] = pieces[before];
        }

        bool read = false;
        std::vector<Key128> keys;
        std::vector<Status> status;
        std::vector<Piece> pieces;
        Text text;
    };

    struct Slot {
        explicit Slot(uint32_t of) : column(of), sightings(partitions), told(partitions), seen(partitions, 0) {}

        uint32_t column;
        Rows rows[2];
        uint32_t *numbers = nullptr;  // by profile, once they are known
        // By partition.
        ByteLists sightings, told;
        std::vector<uint32_t> seen;  // sightings so far
        std::vector<Key128> recent;  // keys of values that were told
    };

    Rows &begin(size_t s, int64_t length) {
        Rows &rows = slots_.at(s).rows[side_];
        if (rows.read) {
            if (rows.status.size() != static_cast<size_t>(length)) throw std::invalid_argument("a batch has one length");
            return rows;
        }
        rows.read = true;
        rows.keys.assign(static_cast<size_t>(length), Key128{});
        rows.status.assign(static_cast<size_t>(length), Status::missing);
        if (with_text_) rows.pieces.assign(static_cast<size_t>(length), Piece{});
        rows.text.clear();
        return rows;
    }

    void put(Rows &rows, size_t row, Status status, const Key128 *keys, int32_t space, SipLanes &lanes) {
        if (!has_value(status)) return;
        lanes.add(keys[space], canonical_.view(), &rows.keys[row]);
        rows.status[row] = status;
        if (!with_text_) return;
        rows.pieces[row] = {rows.text.size(), static_cast<uint32_t>(canonical_.size()), space};
        rows.text.append(canonical_.view());
    }

    bool tells() const { return with_keys_ || with_text_; }

    // Puts by what is told of a value, with the ordinal of its sighting in the partition.
    void tell(Slot &slot, size_t partition, uint32_t ordinal, const Key128 &key, const Rows &rows, uint32_t row) {
        const uint32_t length = with_text_ ? rows.pieces[row].size : 0;
        char *to = slot.told.extend(partition, 4 + 8 * size_t{with_keys_} + (with_text_ ? 8 + size_t{length} : 0));
        std::memcpy(to, &ordinal, 4);
        to += 4;
        if (with_keys_) {
            std::memcpy(to, &key.high, 8);
            to += 8;
        }
        if (with_text_) {
            const Piece &piece = rows.pieces[row];
            std::memcpy(to, &piece.size, 4);
            std::memcpy(to + 4, &piece.space, 4);
            if (length) std::memcpy(to + 8, rows.text.data() + piece.start, length);
        }
    }

    void number_partition(size_t partition, const ProfileTable &profiles, ValueTable &values) {
        size_t sightings = 0;
        for (const Slot &slot : slots_) {
            sightings += slot.sightings.size(partition) / sighting_bytes;
        }
        if (!sightings) return;
        // One value may be all of the partition, so there is room for few different ones until there are more.
        size_t room = 16;
        while (room < sightings * 2 && room < first_room) room *= 2;
        found_.assign(room, none);
        known_.clear();
        counts_.clear();
        sighted_.clear();
        sighted_.reserve(sightings);
        const uint32_t base = values.size();
        for (const Slot &slot : slots_) {
            read_told(slot, partition);
            auto told = told_.begin();
            uint32_t ordinal = 0;
            slot.sightings.each(partition, room_, [&](const char *at, size_t bytes) {
                for (const char *end = at + bytes; at != end; at += sighting_bytes, ++ordinal) {
                    uint64_t low;
                    uint32_t profile;
                    std::memcpy(&low, at, 8);
                    std::memcpy(&profile, at + 8, 4);
                    const auto status = static_cast<Status>(low & tag_mask);
                    low >>= 2;
                    size_t place = place_of(low);
                    // What was told of a value that is known already is passed by.
                    while (told != told_.end() && told->ordinal < ordinal) ++told;
                    if (found_[place] == none) {
                        if (2 * known_.size() >= found_.size()) place = widen(low);
                        found_[place] = static_cast<uint32_t>(known_.size());
                        known_.push_back(low);
                        if (!tells()) {
                            values.append(status, nullptr, {}, 0);
                        } else {
                            if (told == told_.end() || told->ordinal != ordinal) {
                                throw std::logic_error("nothing was told of a value");
                            }
                            const Key128 key{first_bits(low, partition).low, told->high};
                            values.append(status, with_keys_ ? &key : nullptr, told->text, told->space);
                        }
                        counts_.push_back(0);
                    } else {
                        values.meet(base + found_[place], status);
                    }
                    const uint32_t number = base + found_[place];
                    if (slot.numbers) slot.numbers[profile] = number;
                    ++counts_[found_[place]];
                    sighted_.push_back({found_[place], profile});
                    if (!profiles.has_times()) continue;
                    const auto [first, last] = profiles.seen(profile);
                    values.see(number, first, last);
                }
            });
        }
        mark_listed(partition, base, values);
        list_carriers(values);
        for (uint32_t i = 0; i < known_.size() && !with_keys_; ++i) {
            const bool generic = values.status()[base + i] == static_cast<uint8_t>(Status::generic);
            if (generic || counts_[i] > crowd_) values.name(base + i, first_bits(known_[i], partition));
        }
    }

    // Where a hash stands, or would stand.
    size_t place_of(uint64_t low) const {
        const size_t mask = found_.size() - 1;
        size_t place = low & mask;
        while (found_[place] != none && known_[found_[place]] != low) place = (place + 1) & mask;
        return place;
    }

    // Makes room for twice as many different values; where this hash would stand then.
    size_t widen(uint64_t low) {
        found_.assign(2 * found_.size(), none);
        for (uint32_t i = 0; i < known_.size(); ++i) found_[place_of(known_[i])] = i;
        return place_of(low);
    }

    // The carriers of the partition's values, value by value.
    void list_carriers(ValueTable &values) {
        size_t end = 0;
        ends_.clear();
        for (const uint32_t count : counts_) ends_.push_back(end), end += count;
        carriers_.resize(end);
        for (const auto &[value, profile] : sighted_) carriers_[ends_[value]++] = profile;
        for (size_t i = 0, from = 0; i < ends_.size(); from = ends_[i++]) {
            uint32_t *first = carriers_.data() + from, *last = carriers_.data() + ends_[i];
            if (slots_.size() > 1 && last - first > 1) {
                // It may stand in two columns of one profile.
                std::sort(first, last);
                last = std::unique(first, last);
            }
            values.carry(first, last);
        }
    }

    void read_told(const Slot &slot, size_t partition) {
        // In one piece, for it is looked at while sightings are read.
        told_room_.clear();
        slot.told.each(partition, room_, [&](const char *at, size_t bytes) {
            told_room_.insert(told_room_.end(), at, at + bytes);
        });
        told_.clear();
        const char *at = told_room_.data();
        for (const char *end = at + told_room_.size(); at != end;) {
            Told told;
            std::memcpy(&told.ordinal, at, 4);
            at += 4;
            if (with_keys_) {
                std::memcpy(&told.high, at, 8);
                at += 8;
            }
            if (with_text_) {
                uint32_t length;
                std::memcpy(&length, at, 4);
                std::memcpy(&told.space, at + 4, 4);
                told.text = {at + 8, length};
                at += 8 + length;
            }
            told_.push_back(told);
        }
    }

    void mark_listed(size_t partition, uint32_t base, ValueTable &values) const {
        each_listed(generic_, partition, [&](uint32_t i) { values.meet(base + i, Status::generic); });
        each_listed(allowed_, partition, [&](uint32_t i) { values.allow(base + i); });
    }

    template <class Visit>
    void each_listed(const std::vector<Key128> &listed, size_t partition, Visit visit) const {
        for (const Key128 &key : listed) {
            if (partition_of(key) != partition) continue;
            const uint32_t found = found_[place_of(key.low >> 2)];
            if (found != none) visit(found);
        }
    }

    struct Told {
        uint32_t ordinal = 0;  // of the sighting
        int32_t space = 0;
        uint64_t high = 0;     // half of the key
        std::string_view text;
    };

    bool with_keys_, with_text_;
    uint32_t crowd_;
    std::deque<Slot> slots_;  // a slot stays where it is
    int side_ = 0;            // of each slot's rows, that of the batch that is being read
    std::vector<Key128> generic_, allowed_;
    Text canonical_;
    // Of the partition that is being numbered: where a hash stands among the known ones, those, the texts.
    std::vector<uint32_t> found_;
    std::vector<uint64_t> known_;
    std::vector<uint32_t> counts_;  // of their sightings
    std::vector<std::pair<uint32_t, uint32_t>> sighted_;  // known value, profile
    std::vector<size_t> ends_;
    std::vector<uint32_t> carriers_;
    std::vector<Told> told_;
    std::vector<char> room_, told_room_;  // what was read from a file
};

// Writes the numbers of the values into a column of the profiles that holds no others, where it has not been filled.
inline void fill_column(ProfileTable &profiles, uint32_t column, const ValueTable &values) {
    if (!profiles.column(column).empty()) return;
    constexpr size_t ahead = 16;
    uint32_t *codes = profiles.fill(column);
    if (!values.size()) return;
    const uint32_t *end = values.carriers(values.size() - 1).end();
    for (uint32_t v = 0; v < values.size(); ++v) {
        const ValueTable::Carriers carriers = values.carriers(v);
        for (const uint32_t *p = carriers.begin(); p != carriers.end(); ++p) {
            if (p + ahead < end) __builtin_prefetch(&codes[p[ahead]], 1);
            codes[*p] = v;
        }
    }
}

}  // namespace enishi
