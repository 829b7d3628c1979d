// Birth dates: every form in which a form, a till or a spreadsheet writes one, to ISO "YYYY-MM-DD".
//
// Text outside ASCII is first spelled in ASCII (昭和六十年四月九日 becomes s60.4.9), so that one grammar reads them all:
//
//   year-first  1985-04-09  1985/4/9  1985.4.9  1985 4 9  19850409    in every declared order
//   declared    9/4/1985 (DMY)  4/9/1985 (MDY)  09041985; in the other order where only that is a date (4/25/1985)
//   era         s60.4.9  s.60.4.9  s60/04/09  s600409
//   month name  9 Apr 1985  09-apr-1985  09apr1985  April 9, 1985
//
// A time of day may follow and is left out; as it is not known whose midnight it is counted from, no zone moves the
// date.
// A year of two digits is refused: a guessed century is worse than no birth date.
//
// A date that no calendar has, or that nobody alive was born on, is no birth date. Its digits are written nevertheless,
// beside the status that refuses it: somebody mistyped a date, and matching may ask whether another record has that one.
// Not where the year, or month and day, are zeros, which is how many write that they do not know them; a single zero is
// a slip as well, and whoever does not know the day knows all else that a date one digit away agrees in.
#pragma once

#include <array>
#include <string_view>

#include "kanji_number.hpp"
#include "script.hpp"
#include "unicode.hpp"
#include "value.hpp"

namespace enishi {

enum class DateOrder : uint8_t { year_month_day, day_month_year, month_day_year };

namespace detail {

struct Date {
    int year = 0, month = 0, day = 0;
    int packed() const { return year * 10000 + month * 100 + day; }
};

inline bool exists(const Date &date) {
    static constexpr std::array<int, 13> days{0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (date.year < 1 || date.month < 1 || date.month > 12 || date.day < 1) return false;
    const bool leap = (date.year % 4 == 0 && date.year % 100 != 0) || date.year % 400 == 0;
    return date.day <= days[static_cast<size_t>(date.month)] + (leap && date.month == 2);
}

// What software writes for "no date": the zeros of spreadsheets, databases and clocks, and runs of nines.
inline bool is_placeholder(const Date &date) {
    switch (date.packed()) {
        case 0:
        case 10101:
        case 17530101:
        case 18991230:
        case 18991231:
        case 19000100:
        case 19000101:
        case 19700101:
        case 99991231:
        case 99999999: return true;
        default: return false;
    }
}

struct Era {
    char letter;
    std::string_view name, initial;
    int first_year;   // the Gregorian year of its year 1
    int begins, ends; // packed, both within the era
};

// An era's first day may be the last one's last. Meiji from its year 6: until then the calendar was lunar.
inline constexpr std::array<Era, 5> eras{{
    {'m', "明治", "明", 1868, 18730101, 19120730},
    {'t', "大正", "大", 1912, 19120730, 19261225},
    {'s', "昭和", "昭", 1926, 19261225, 19890107},
    {'h', "平成", "平", 1989, 19890108, 20190430},
    {'r', "令和", "令", 2019, 20190501, 99991231},
}};

inline constexpr std::array<std::string_view, 12> month_names{
    {"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
     "december"}};

inline bool is_digit(char c) { return static_cast<uint8_t>(c - '0') < 10; }
inline bool is_lower(char c) { return static_cast<uint8_t>(c - 'a') < 26; }

// A cursor over lower-case ASCII. Every reader returns whether it found what it reads, and stays where it was if not.
class DateReader {
  public:
    explicit DateReader(std::string_view text) : text_(text) {}

    bool done() const { return at_ == text_.size(); }
    char peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
    void move_to(size_t at) { at_ = at; }
    size_t at() const { return at_; }

    bool take(char c) {
        if (done() || peek() != c) return false;
        ++at_;
        return true;
    }
    bool take(std::string_view word) {
        if (text_.substr(at_, word.size()) != word) return false;
        at_ += word.size();
        return true;
    }
    bool blanks() {
        const size_t from = at_;
        while (peek() == ' ') ++at_;
        return at_ != from;
    }
    // The length of a run of digits, whose value is kept to nine of them.
    size_t number(int &value) {
        const size_t from = at_;
        value = 0;
        for (; is_digit(peek()); ++at_) {
            if (at_ - from < 9) value = value * 10 + (peek() - '0');
        }
        return at_ - from;
    }
    bool number(int &value, size_t shortest, size_t longest) {
        const size_t from = at_;
        const size_t size = number(value);
        if (size >= shortest && size <= longest) return true;
        at_ = from;
        return false;
    }
    // One sign with any blanks around it, or blanks alone.
    bool separator() {
        const bool before = blanks();
        if (!take('-') && !take('/') && !take('.') && !take(',')) return before;
        blanks();
        return true;
    }
    bool month_name(int &month) {
        size_t size = 0;
        while (is_lower(peek(size))) ++size;
        const std::string_view word = text_.substr(at_, size);
        if (size < 3) return false;
        for (size_t i = 0; i < month_names.size(); ++i) {
            if (month_names[i].substr(0, size) == word || (i == 8 && word == "sept")) {
                month = static_cast<int>(i) + 1;
                at_ += size;
                return true;
            }
        }
        return false;
    }
    // Nothing, or a time of day: "t00:00:00.000z", " 0:00", " 12:00:00 am", " 00:00:00+09:00".
    bool time_to_end() {
        if (done()) return true;
        if (!take('t') && !blanks()) return false;
        int hour, minute, second = 0, any;
        if (!number(hour, 1, 2) || !take(':') || !number(minute, 2, 2)) return false;
        if (take(':')) {
            if (!number(second, 2, 2)) return false;
            if ((take('.') || take(',')) && !number(any)) return false;
        }
        if (hour > 24 || minute > 59 || second > 60) return false;
        blanks();
        if (!take("am")) take("pm");
        blanks();
        if (!take('z') && !take("utc") && !take("gmt") && (take('+') || take('-'))) {
            if (!number(any, 2, 2)) return false;
            if (take(':') ? !number(any, 2, 2) : number(any) % 2) return false;
        }
        return done();
    }

  private:
    std::string_view text_;
    size_t at_ = 0;
};

}  // namespace detail

struct BirthDate {
    DateOrder order = DateOrder::year_month_day;
    int min_year = 1880;
    int max_year = 9999;
    mutable Text tidy_scratch{};
    mutable Text spelled{};

    Status operator()(std::string_view raw, Text &out) const {
        if (raw.size() == 10 && raw[4] == '-' && raw[7] == '-') {
            detail::Date date;
            if (digits(raw, 0, 4, date.year) && digits(raw, 5, 2, date.month) && digits(raw, 8, 2, date.day)) {
                return judge(date, out);
            }
        }
        if (trim_ascii(raw).size() > longest_raw) return Status::too_long;
        std::string_view tidied;
        const Status status = tidy_text(raw, tidy_scratch, tidied);
        if (status != Status::accepted) return status;
        return read(tidied, out);
    }

  private:
    static constexpr size_t longest_raw = 256;

    static bool digits(std::string_view text, size_t from, size_t count, int &value) {
        value = 0;
        for (size_t i = from; i < from + count; ++i) {
            if (!detail::is_digit(text[i])) return false;
            value = value * 10 + (text[i] - '0');
        }
        return true;
    }

    Status judge(const detail::Date &date, Text &out) const {
        if (detail::is_placeholder(date)) return Status::placeholder;
        const bool possible = detail::exists(date) && date.year >= min_year && date.year <= max_year;
        if (!possible && !(date.year && (date.month || date.day))) return Status::impossible;
        char *to = out.reserve(10);
        const auto put = [&](int at, int count, int value) {
            for (; count; --count, value /= 10) to[at + count - 1] = static_cast<char>('0' + value % 10);
        };
        put(0, 4, date.year);
        put(5, 2, date.month);
        put(8, 2, date.day);
        to[4] = to[7] = '-';
        out.advance(10);
        return possible ? Status::accepted : Status::impossible;
    }

    // No month is above 12, so a column in which somebody wrote the other order says so itself there.
    detail::Date in_declared_order(int first, int second, int year) const {
        const bool day_first = order == DateOrder::day_month_year ? second <= 12 || first > 12 : first > 12 && second <= 12;
        if (day_first) return {year, second, first};
        return {year, first, second};
    }

    Status judge_era(char letter, detail::Date date, Text &out) const {
        for (const detail::Era &era : detail::eras) {
            if (era.letter != letter) continue;
            if (date.year < 1) return Status::impossible;
            date.year += era.first_year - 1;
            const bool within = date.packed() >= era.begins && date.packed() <= era.ends;
            return within ? judge(date, out) : Status::impossible;
        }
        return Status::malformed;
    }

    Status read(std::string_view tidied, Text &out) const {
        if (means_nothing(tidied)) return Status::missing;
        spelled.clear();
        if (!spell(tidied)) return Status::malformed;
        const std::string_view text = trim_ascii(spelled.view());
        bool blank = true, zero = true;
        for (const char c : text) {
            blank = blank && !detail::is_digit(c) && !detail::is_lower(c);
            zero = zero && c == '0';
        }
        if (blank) return Status::missing;  // the mask of an empty form: "  /  /    "
        if (zero) return Status::placeholder;
        return parse(text, out);
    }

    Status parse(std::string_view text, Text &out) const {
        detail::DateReader reader(text);
        detail::Date date;
        if (detail::is_lower(reader.peek())) {
            if (!detail::is_lower(reader.peek(1))) return parse_era(reader, out);
            if (!reader.month_name(date.month)) return Status::malformed;
            reader.separator();
            if (!reader.number(date.day, 1, 2) || !reader.separator()) return Status::malformed;
            return year_and_end(reader, date, out);
        }
        int first;
        const size_t size = reader.number(first);
        if (size == 8 || size == 9) {
            if (size == 9) return Status::malformed;
            return parse_compact(reader, first, out);
        }
        if (size == 1 && scientific(text)) return Status::spreadsheet;
        if (size != 4 && size != 1 && size != 2) return Status::malformed;
        const size_t after_first = reader.at();
        reader.separator();
        if (reader.month_name(date.month)) {
            reader.separator();
            if (size == 4) {
                date.year = first;
                return reader.number(date.day, 1, 2) && reader.time_to_end() ? judge(date, out) : Status::malformed;
            }
            date.day = first;
            return year_and_end(reader, date, out);
        }
        reader.move_to(after_first);
        int second;
        if (!reader.separator() || !reader.number(second, 1, 2) || !reader.separator()) return Status::malformed;
        if (size == 4) {
            date.year = first;
            date.month = second;
            return reader.number(date.day, 1, 2) && reader.time_to_end() ? judge(date, out) : Status::malformed;
        }
        if (order == DateOrder::year_month_day) return Status::malformed;
        date = in_declared_order(first, second, 0);
        return year_and_end(reader, date, out);
    }

    // A year that stands last. Two digits are a year only where years are declared to stand last, and then the latest
    // such year that is not in the future.
    Status year_and_end(detail::DateReader &reader, detail::Date &date, Text &out) const {
        const size_t size = reader.number(date.year);
        const bool short_year = size == 2 && order != DateOrder::year_month_day;
        if ((size != 4 && !short_year) || !reader.time_to_end()) return Status::malformed;
        if (short_year) {
            date.year += max_year / 100 * 100;
            if (date.year > max_year) date.year -= 100;
        }
        return judge(date, out);
    }

    // Years first: no month is 18 to 20, so a day-first date of these centuries is never taken for a year-first one.
    Status parse_compact(detail::DateReader &reader, int packed, Text &out) const {
        reader.take(".0");  // a column of numbers with gaps, as data frames print it
        if (!reader.time_to_end()) return Status::malformed;
        const Status status = judge({packed / 10000, packed / 100 % 100, packed % 100}, out);
        if (status != Status::impossible || order == DateOrder::year_month_day) return status;
        out.clear();
        return judge(in_declared_order(packed / 1000000, packed / 10000 % 100, packed % 10000), out);
    }

    Status parse_era(detail::DateReader &reader, Text &out) const {
        const char letter = reader.peek();
        reader.take(letter);
        reader.take('.');
        reader.blanks();
        detail::Date date;
        const size_t size = reader.number(date.year);
        if (size == 6) {
            const int packed = date.year;
            if (!reader.time_to_end()) return Status::malformed;
            return judge_era(letter, {packed / 10000, packed / 100 % 100, packed % 100}, out);
        }
        if ((size != 1 && size != 2) || !reader.separator() || !reader.number(date.month, 1, 2) ||
            !reader.separator() || !reader.number(date.day, 1, 2) || !reader.time_to_end()) {
            return Status::malformed;
        }
        return judge_era(letter, date, out);
    }

    // "1.985E+07": a compact date that a spreadsheet took for a number.
    static bool scientific(std::string_view text) {
        detail::DateReader reader(text);
        int any;
        reader.number(any);
        if (reader.take('.') && !reader.number(any)) return false;
        if (!reader.take('e')) return false;
        reader.take('+');
        return reader.number(any) && reader.done();
    }

    // Writes text in lower-case ASCII: an era as its letter, 年 and 月 as dots. False where a character has no such
    // spelling.
    bool spell(std::string_view text) const {
        for (const std::string_view word : {"生まれ", "うまれ", "生"}) {
            if (text.size() > word.size() && text.substr(text.size() - word.size()) == word) {
                text.remove_suffix(word.size());
                break;
            }
        }
        while (!text.empty()) {
            const char c = text.front();
            if (static_cast<uint8_t>(c) < 0x80) {
                spelled.push(static_cast<char>(c + (static_cast<uint8_t>(c - 'A') < 26) * 32));
                text.remove_prefix(1);
                continue;
            }
            size_t read = read_kanji_number(text, spelled);
            if (!read) read = spell_word(text);
            if (!read) return false;
            text.remove_prefix(read);
        }
        return true;
    }

    size_t spell_word(std::string_view text) const {
        const auto begins = [&](std::string_view word) { return text.substr(0, word.size()) == word; };
        for (const detail::Era &era : detail::eras) {
            if (!begins(era.initial)) continue;
            spelled.push(era.letter);
            return begins(era.name) ? era.name.size() : era.initial.size();
        }
        struct Spelling {
            std::string_view word;
            char ascii;
        };
        static constexpr std::array<Spelling, 14> spellings{{
            {"年", '.'},
            {"月", '.'},
            {"日", ' '},
            {"元", '1'},
            {"・", '.'},
            {"、", ','},
            {"。", '.'},
            {"‐", '-'},
            {"–", '-'},
            {"—", '-'},
            {"―", '-'},
            {"−", '-'},
            {"ー", '-'},
            {"─", '-'},
        }};
        for (const Spelling &spelling : spellings) {
            if (!begins(spelling.word)) continue;
            spelled.push(spelling.ascii);
            return spelling.word.size();
        }
        return 0;
    }
};

}  // namespace enishi
