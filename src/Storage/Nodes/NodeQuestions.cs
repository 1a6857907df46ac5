using System.Collections.Concurrent;

namespace Fairlead.Storage.Nodes;

/// <summary>
/// Questions to the other nodes about one topic ("hand back what you do not use of account 17"), and this node's answers to theirs. Whoever asks waits until every
/// node that is alive has answered, or for <see cref="Patience"/>. Thread-safe; one question about the same thing at a time.
/// </summary>
public sealed class NodeQuestions : IDisposable
{
    /// <summary>How long the other nodes are waited for.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    /// <summary>After a question the same is not asked again for so long.</summary>
    public static readonly TimeSpan Between = TimeSpan.FromMilliseconds(250);

    private const char ResultFollows = '|';

    /// <summary>Times of questions that are kept before those are forgotten that do not matter any more.</summary>
    private const int MostRemembered = 4096;

    private readonly NodeLease _lease;
    private readonly TimeProvider _clock;
    private readonly string _topic;
    private readonly string _answerTopic;
    private readonly Func<string, Task<string>> _answer;
    private readonly Action<StorageException> _failed;
    private readonly ConcurrentDictionary<string, Question> _open = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> _askedAt = new(StringComparer.Ordinal);
    private readonly IDisposable[] _listening;

    /// <param name="lease">This node.</param>
    /// <param name="clock">Time.</param>
    /// <param name="topic">One word.</param>
    /// <param name="answer">Does what another node asks for; what it returns is the answer. Gets what the question is about, as it came.</param>
    /// <param name="failed">Hears that a question of another node could not be answered.</param>
    public NodeQuestions(NodeLease lease, TimeProvider clock, string topic, Func<string, Task<string>> answer, Action<StorageException> failed)
    {
        (_lease, _clock, _topic, _answerTopic, _answer, _failed) = (lease, clock, topic, topic + "-answer", answer, failed);
        _listening = [lease.Listen(_topic, message => _ = AnswerAsync(message.Text)), lease.Listen(_answerTopic, Hear)];
    }

    /// <summary>
    /// Asks every other node. Null when there is nobody to ask, or the same was asked just before; else what was answered in time. Throws
    /// <see cref="StorageException"/> when the question cannot be sent.
    /// </summary>
    /// <param name="about">What it is about, without a vertical bar.</param>
    public async Task<IReadOnlyCollection<string>?> AskAsync(string about)
    {
        var others = _lease.LiveNodes;
        if (others.Count == 0 || (_askedAt.TryGetValue(about, out var at) && _clock.GetElapsedTime(at) < Between))
        {
            return null;
        }

        var question = new Question(others);
        _open[about] = question;
        try
        {
            await _lease.SendAsync(_topic, about);
            await Task.WhenAny(question.Answered, Task.Delay(Patience, _clock));
            return question.Results;
        }
        finally
        {
            _open.TryRemove(about, out _);
            Remember(about);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var listening in _listening)
        {
            listening.Dispose();
        }
    }

    private async Task AnswerAsync(string about)
    {
        try
        {
            var result = await _answer(about);
            await _lease.SendAsync(_answerTopic, about + ResultFollows + result);
        }
        catch (StorageException failure)
        {
            _failed(failure);
        }
    }

    private void Hear(NodeMessage message)
    {
        var end = message.Text.IndexOf(ResultFollows, StringComparison.Ordinal);
        if (end >= 0 && _open.TryGetValue(message.Text[..end], out var question))
        {
            question.Hear(message.From, message.Text[(end + 1)..]);
        }
    }

    private void Remember(string about)
    {
        if (_askedAt.Count >= MostRemembered)
        {
            foreach (var (asked, at) in _askedAt)
            {
                if (_clock.GetElapsedTime(at) >= Between)
                {
                    _askedAt.TryRemove(asked, out _);
                }
            }
        }

        _askedAt[about] = _clock.GetTimestamp();
    }

    /// <summary>Who has still to answer, and what was answered.</summary>
    private sealed class Question(IReadOnlyList<string> asked)
    {
        private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly HashSet<string> _missing = [.. asked];
        private readonly ConcurrentQueue<string> _results = new();

        public Task Answered => _answered.Task;

        public IReadOnlyCollection<string> Results => _results;

        public void Hear(string from, string result)
        {
            lock (_missing)
            {
                if (!_missing.Remove(from))
                {
                    return;
                }

                _results.Enqueue(result);
                if (_missing.Count == 0)
                {
                    _answered.TrySetResult();
                }
            }
        }
    }
}
