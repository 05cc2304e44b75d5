// Recommends after the raw ids in its arguments, and runs the page's test.

import android.content.res.AssetManager
import org.junit.runner.JUnitCore

fun main(history: Array<String>) {
    Recommender(AssetManager(System.getProperty("assets")), "bundle").use { recommender ->
        for (found in recommender.recommend(history.toList())) println("${found.id}\t${found.title}\t${found.score}")
    }
    val result = JUnitCore.runClasses(GoldenTest::class.java)
    println("${result.runCount} tests")
    for (failure in result.failures) println("failed: $failure")
}
