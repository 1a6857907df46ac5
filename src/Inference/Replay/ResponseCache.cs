using System.Diagnostics.CodeAnalysis;

namespace Fairlead.Inference.Replay;

/// <summary>Answers in the memory of this node, those used last kept longest. Thread-safe.</summary>
internal sealed class ResponseCache(TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Dictionary<CacheKey, LinkedListNode<(CacheKey Key, CachedAnswer Answer)>> answers = [];
    // The one used last is first.
    private readonly LinkedList<(CacheKey Key, CachedAnswer Answer)> used = new();

    /// <summary>Bytes kept.</summary>
    public long Bytes { get; private set; }

    /// <summary>Finds an answer that may still be given.</summary>
    public bool TryFind(in CacheKey key, [NotNullWhen(true)] out CachedAnswer? answer, out TimeSpan age)
    {
        lock (gate)
        {
            (answer, age) = (null, default);
            if (!answers.TryGetValue(key, out var node))
                return false;
            age = time.GetElapsedTime(node.Value.Answer.KeptAt);
            if (age >= node.Value.Answer.Ttl)
            {
                Remove(node);
                return false;
            }

            used.Remove(node);
            used.AddFirst(node);
            answer = node.Value.Answer;
            return true;
        }
    }

    /// <summary>Keeps an answer in the place of an older one, and gives up those unused longest until all fit into <paramref name="capacity"/> bytes.</summary>
    public void Keep(in CacheKey key, CachedAnswer answer, long capacity)
    {
        lock (gate)
        {
            if (answers.TryGetValue(key, out var older))
                Remove(older);
            answers[key] = used.AddFirst((key, answer));
            Bytes += answer.Size;
            while (Bytes > capacity && used.Last is { } last)
                Remove(last);
        }
    }

    /// <summary>Gives up an answer.</summary>
    public void Remove(in CacheKey key)
    {
        lock (gate)
        {
            if (answers.TryGetValue(key, out var node))
                Remove(node);
        }
    }

    private void Remove(LinkedListNode<(CacheKey Key, CachedAnswer Answer)> node)
    {
        used.Remove(node);
        answers.Remove(node.Value.Key);
        Bytes -= node.Value.Answer.Size;
    }
}
